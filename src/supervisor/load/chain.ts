// Owns a list whose members leave from anywhere in one step, however long it is.

/** One member's place. */
export interface Link<Value> {
  readonly value: Value;
  before: Link<Value> | null;
  after: Link<Value> | null;
}

/** A doubly linked list. */
export class Chain<Value> {
  first: Link<Value> | null = null;
  #last: Link<Value> | null = null;

  /** True when nobody is in it. */
  get isEmpty(): boolean {
    return this.first === null;
  }

  /** Joins at the end. */
  push(value: Value): Link<Value> {
    const link: Link<Value> = { value, before: this.#last, after: null };
    if (this.#last) this.#last.after = link;
    else this.first = link;
    this.#last = link;
    return link;
  }

  /** Leaves; to be called once for each link. */
  remove(link: Link<Value>): void {
    if (link.before) link.before.after = link.after;
    else this.first = link.after;
    if (link.after) link.after.before = link.before;
    else this.#last = link.before;
  }
}

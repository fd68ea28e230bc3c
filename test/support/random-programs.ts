// Owns random closed programs with loops.

const VARIABLES = ['a', 'b', 'c'];

/** Makes programs from a seed; every loop has braces. */
export class ProgramMaker {
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** A program of a few variables, a list, an object, a generator, and a loop with loops in it. */
  next(): string {
    const items = Array.from({ length: this.#whole(0, 4) }, () => this.#whole(0, 9)).join(', ');
    const head = [
      `let a = ${this.#whole(-3, 12)}, b = ${this.#whole(-3, 12)}, c = ${this.#whole(0, 5)};`,
      `const list = [${items}];`,
      `const obj = { n: ${this.#whole(0, 9)}, step() { this.n ${this.#pick(['+=', '-='])} 1; } };`,
      `function bump() { ${this.#name()} += ${this.#whole(-1, 2)}; }`,
    ];
    return [...head, this.#loop(0), 'return a + b;'].join('\n');
  }

  #random(): number {
    this.#seed = (this.#seed * 1664525 + 1013904223) >>> 0;
    return this.#seed / 2 ** 32;
  }

  #whole(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }

  #name(): string {
    return this.#pick(VARIABLES);
  }

  #expression(depth: number): string {
    if (depth > 2) return this.#pick([...VARIABLES, String(this.#whole(-3, 12))]);
    const inner = () => this.#expression(depth + 1);
    return this.#pick([
      () => this.#name(),
      () => String(this.#whole(-3, 20)),
      () => `${inner()} ${this.#pick(['+', '-', '*', '%', '&', '|', '>>', '^'])} ${inner()}`,
      () => `Math.${this.#pick(['abs', 'floor', 'max', 'min'])}(${inner()}, ${inner()})`,
      () => 'list.length',
      () => 'obj.n',
      () => `(${this.#condition(depth + 1)} ? ${inner()} : ${inner()})`,
    ])();
  }

  #condition(depth: number): string {
    const compared = ['<', '<=', '>', '>=', '!==', '===', '!='];
    return this.#pick([
      () => `${this.#expression(depth + 1)} ${this.#pick(compared)} ${this.#expression(depth + 1)}`,
      () => `${this.#name()} ${this.#pick(['<', '>', '!==', '<='])} ${this.#whole(-5, 40)}`,
      () =>
        depth > 2
          ? this.#name()
          : `${this.#condition(depth + 1)} ${this.#pick(['&&', '||'])} ${this.#condition(depth + 1)}`,
      () => `list.length ${this.#pick(['<', '>'])} ${this.#whole(0, 8)}`,
      () => this.#name(),
    ])();
  }

  #block(depth: number, isInLoop: boolean): string {
    const count = this.#whole(1, depth > 2 ? 1 : 3);
    return Array.from({ length: count }, () => this.#statement(depth, isInLoop)).join(' ');
  }

  #statement(depth: number, isInLoop: boolean): string {
    const block = () => this.#block(depth + 1, isInLoop);
    const operators = ['+=', '-=', '*=', '%=', '>>=', '|=', '/='];
    return this.#pick([
      () => `${this.#name()} = ${this.#expression(0)};`,
      () => `${this.#name()} ${this.#pick(operators)} ${this.#expression(2)};`,
      () => `${this.#name()}${this.#pick(['++', '--'])};`,
      () => `list.${this.#pick([`push(${this.#expression(2)})`, 'pop()', 'shift()'])};`,
      () => `obj.n ${this.#pick(['+=', '-=', '='])} ${this.#expression(2)};`,
      () => this.#pick(['obj.step();', 'bump();']),
      () => `if (${this.#condition(0)}) { ${block()} }`,
      () => `if (${this.#condition(0)}) { ${block()} } else { ${block()} }`,
      () =>
        isInLoop ? this.#pick(['break;', 'continue;', `if (${this.#condition(0)}) break;`]) : ';',
      () => (depth > 1 ? `${this.#name()}++;` : this.#loop(depth + 1)),
      () => `try { if (${this.#condition(0)}) throw 1; ${block()} } catch { ${block()} }`,
      () => `try { ${block()} } finally { ${this.#name()} -= 1; }`,
      () => `switch (${this.#expression(1)}) { case 1: ${block()} break; default: ${block()} }`,
    ])();
  }

  #loop(depth: number): string {
    const body = `{ ${this.#block(depth, true)} }`;
    const compared = this.#pick(['<', '<=', '>', '>=', '!==']);
    const step = this.#pick(['+= 1', '-= 1', '+= 3', '*= 2', '>>= 1', '+= 0.1', '+= 0', '-= 2']);
    return this.#pick([
      () => `while (${this.#condition(0)}) ${body}`,
      () => `do ${body} while (${this.#condition(0)});`,
      () => {
        const name = this.#name();
        const limit = this.#whole(-10, 60);
        return `for (${name} = ${this.#whole(-5, 10)}; ${name} ${compared} ${limit}; ${name} ${step}) ${body}`;
      },
      () =>
        `for (let i = ${this.#whole(-5, 5)}; i ${compared} ${this.#whole(-5, 30)}; i ${step}) ${body}`,
      () => `for (const x of list) ${body}`,
    ])();
  }
}

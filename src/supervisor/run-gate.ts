// Owns whether what a run asks for is carried out: held back while the run is paused, refused once it is over. Its clock
// stands still while it is shut, so that whoever waits for a rate goes on waiting for it.

/** The gate of one run. */
export class RunGate {
  #isEnded = false;
  /** Set while it is shut: resolves with whether those who wait may go on. */
  #shut: PromiseWithResolvers<boolean> | null = null;
  #shutAt = 0;
  #shutMs = 0;
  #sentAway = 0;

  /** @param signal aborted when the run is over: then nobody goes through any more */
  constructor(signal: AbortSignal) {
    if (signal.aborted) this.#isEnded = true;
    else signal.addEventListener('abort', () => this.end(false), { once: true });
  }

  /** True while whoever comes may go through. */
  get isOpen(): boolean {
    return this.#shut === null && !this.#isEnded;
  }

  /** How often all who were on their way have been sent away: whoever began before the last time may not go through any more. */
  get sentAway(): number {
    return this.#sentAway;
  }

  /** ms of a clock that stands still while it is shut. */
  now(): number {
    return (this.#shut ? this.#shutAt : performance.now()) - this.#shutMs;
  }

  /** Holds everybody back. */
  close(): void {
    if (this.#shut || this.#isEnded) return;
    this.#shut = Promise.withResolvers();
    this.#shutAt = performance.now();
  }

  /** Lets everybody go on. */
  open(): void {
    this.#letGo(true);
  }

  /**
   * The run is being ended: those who wait never go through.
   * @param mayStillAct true for a macro that may tidy up: what it asks for from now on goes through
   */
  end(mayStillAct: boolean): void {
    this.#sentAway += 1;
    this.#letGo(false);
    if (!mayStillAct) this.#isEnded = true;
  }

  /**
   * Waits while it is shut; resolves with whether one may go through. It may be shut again before one has a turn: look at
   * {@link isOpen} right before going.
   */
  async pass(): Promise<boolean> {
    while (this.#shut) if (!(await this.#shut.promise)) return false;
    return !this.#isEnded;
  }

  #letGo(mayPass: boolean): void {
    if (!this.#shut) return;
    this.#shutMs += performance.now() - this.#shutAt;
    this.#shut.resolve(mayPass);
    this.#shut = null;
  }
}

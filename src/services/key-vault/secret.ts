/** A secret that does not show itself: printing, logging or serialising it gives `[secret]`. */

export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself. Only for the header that carries it. */
  reveal(): string {
    return this.#value
  }

  isSameAs(other: Secret): boolean {
    return this.#value === other.#value
  }

  toString(): string {
    return hidden
  }

  toJSON(): string {
    return hidden
  }

  /** What Node's `util.inspect`, and with it every log, shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return hidden
  }
}

const hidden = '[secret]'

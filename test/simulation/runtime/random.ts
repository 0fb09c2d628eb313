/** Numbers by a seed: the small fast counter generator of 32 bits (sfc32), good enough to choose by. */
export class Random {
  #a = 0
  #b = 0
  #c = 0
  #counter = 1

  /** @param stream Keeps what is drawn for one purpose apart from what is drawn for others. */
  constructor(seed: number, stream: string) {
    this.#a = seed >>> 0
    this.#b = Math.floor(seed / 2 ** 32) >>> 0
    for (const char of stream) this.#c = (Math.imul(this.#c, 31) + char.charCodeAt(0)) >>> 0
    for (let i = 0; i < 12; i++) this.uint32()
  }

  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }

  /** From 0 to below `end`. */
  below(end: number): number {
    return this.uint32() % end
  }

  between(first: number, last: number): number {
    return first + this.below(last - first + 1)
  }

  /** True in so many of 1,000 cases. */
  chance(perMille: number): boolean {
    return this.below(1000) < perMille
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  /** One of the names, each as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Partial<Record<Name, number>>>): Name {
    let sum = 0
    for (const name in weights) sum += weights[name] ?? 0
    let left = this.below(sum)
    for (const name in weights) {
      const weight = weights[name] ?? 0
      if (left < weight) return name
      left -= weight
    }
    throw new RangeError('weighted() wants a weight above 0.')
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.uint32() >>> 11
  }
}

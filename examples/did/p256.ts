/** The curve of FIPS 186-5 and SP 800-186 §3.2.1.3: y² = x³ − 3x + B over the integers modulo P. */
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn

/** The y of a point of which its x is known, and whether y is odd (SEC 1 §2.3.4); null when there is none. */
export function yOf(x: bigint, isOdd: boolean): bigint | null {
  if (x >= P) return null
  const square = mod(x ** 3n - 3n * x + B)
  const y = power(square, (P + 1n) / 4n) // A root, as P is 3 modulo 4.
  if (mod(y * y) !== square) return null
  return (y % 2n === 1n) === isOdd ? y : P - y
}

function mod(number: bigint): bigint {
  return ((number % P) + P) % P
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = base; exponent > 0n; exponent /= 2n, square = mod(square * square)) {
    if (exponent % 2n === 1n) result = mod(result * square)
  }
  return result
}

/** What is no code of six digits, with `123456` being the code. */
export function badCodes(code: string): readonly (readonly [what: string, code: unknown])[] {
  const shifted = (by: number) =>
    Array.from(code, (digit) => String.fromCodePoint(by + Number(digit))).join('')
  return [
    ['nothing', undefined],
    ['null', null],
    ['an empty string', ''],
    ['a number', Number(code)],
    ['an array of it', [code]],
    ['an array of its digits', [...code]],
    ['an object that says it is the code', { toString: () => code, length: 6 }],
    ['a String object', new String(code)],
    ['a space before', ` ${code}`],
    ['a space after', `${code} `],
    ['a space within', `${code.slice(0, 3)} ${code.slice(3)}`],
    ['a line break after', `${code}\n`],
    ['a line break for a digit', `${code.slice(0, 5)}\n`],
    ['a sign', `+${code.slice(1)}`],
    ['five digits', code.slice(0, 5)],
    ['seven digits', `${code}0`],
    ['a leading zero more', `0${code}`],
    ['hexadecimal', `0x${code.slice(2)}`],
    ['an exponent', '1e5000'],
    ['Arabic-Indic digits', shifted(0x660)],
    ['fullwidth digits', shifted(0xff10)],
    ['mathematical digits, two units each', shifted(0x1d7ce)],
    ['a NUL after', `${code}\0`],
    ['a megabyte', code.repeat(200_000)],
    ['half a surrogate pair', `${code.slice(0, 5)}\ud835`],
  ]
}

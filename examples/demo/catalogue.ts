export interface Product {
  readonly id: string
  readonly name: string
  readonly text: string
  /** In cents. */
  readonly price: number
}

export const products: readonly Product[] = [
  { id: 'cream-wafer', name: 'Cream wafer', text: 'Five sheets, four layers of hazelnut cream.', price: 420 },
  {
    id: 'stroopwafel',
    name: 'Stroopwafel',
    text: 'Two thin waffles that hold caramel between them.',
    price: 380,
  },
  { id: 'ginger-nut', name: 'Ginger nut', text: 'Hard, dark, and made to be dipped.', price: 290 },
  { id: 'shortbread', name: 'Shortbread', text: 'Flour, butter, sugar. Nothing to hide.', price: 350 },
  { id: 'linzer-eye', name: 'Linzer eye', text: 'Almond dough around a window of raspberry.', price: 460 },
  { id: 'florentine', name: 'Florentine', text: 'Almonds and honey on dark chocolate.', price: 510 },
]

const euro = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' })

export function money(cents: number): string {
  return euro.format(cents / 100)
}

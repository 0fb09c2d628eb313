import type { CartLine } from '../cart.ts'
import { money } from '../catalogue.ts'

export function CartTable({ lines }: { lines: readonly CartLine[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Biscuit</th>
          <th scope="col">Number</th>
          <th scope="col">Price</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <CartRow key={line.product.id} line={line} />
        ))}
      </tbody>
    </table>
  )
}

function CartRow({ line: { product, count } }: { line: CartLine }) {
  return (
    <tr>
      <th scope="row">
        <img src={`/biscuits/${product.id}.svg`} alt="" width="80" height="55" class="thumbnail" />
        {product.name}
      </th>
      <td>
        <form method="post" action="/cart" class="stepper">
          <input type="hidden" name="product" value={product.id} />
          <button type="submit" name="change" value="-1" aria-label={`One ${product.name} less`}>
            −
          </button>
          <span>{count}</span>
          <button type="submit" name="change" value="1" aria-label={`One ${product.name} more`}>
            +
          </button>
        </form>
      </td>
      <td class="price">{money(product.price * count)}</td>
    </tr>
  )
}

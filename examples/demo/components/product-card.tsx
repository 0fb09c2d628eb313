import { money, type Product } from '../catalogue.ts'

export function ProductCard({ product, count }: { product: Product; count: number }) {
  return (
    <li class="card product">
      <img src={`/biscuits/${product.id}.svg`} alt="" width="320" height="220" />
      <h3>{product.name}</h3>
      <p>{product.text}</p>
      <form method="post" action="/cart">
        <input type="hidden" name="product" value={product.id} />
        <input type="hidden" name="return_to" value="/" />
        <span class="price">{money(product.price)}</span>
        {count > 0 && <span class="quiet">{count} in your cart</span>}
        <button type="submit" name="change" value="1" aria-label={`Add ${product.name} to the cart`}>
          Add
        </button>
      </form>
    </li>
  )
}

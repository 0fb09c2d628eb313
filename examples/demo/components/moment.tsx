/** A time as the server sees it; `countdown.js` is not needed for it. */
export function Moment({ at }: { at: number | undefined }) {
  if (at === undefined) return <>never</>
  const iso = new Date(at).toISOString()
  return <time datetime={iso}>{`${iso.slice(0, 10)}, ${iso.slice(11, 19)} UTC`}</time>
}

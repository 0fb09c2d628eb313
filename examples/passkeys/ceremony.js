// Each form is a ceremony: ask the server for its options, let an authenticator answer them, send the answer back.
for (const form of document.querySelectorAll('form[data-ceremony]')) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const status = document.querySelector('[role=status]')
    try {
      status.textContent = 'Your device will ask you now.'
      await run(form.getAttribute('action'), form.dataset.ceremony, Object.fromEntries(new FormData(form)))
      location.assign(form.dataset.next)
    } catch (error) {
      status.textContent = error.message
    }
  })
}

async function run(path, ceremony, fields) {
  const options = await post(`${path}/options`, fields)
  const credential =
    ceremony === 'create'
      ? await navigator.credentials.create({
          publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
        })
      : await navigator.credentials.get({
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
        })
  await post(path, credential.toJSON())
}

async function post(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (response.ok) return response.json()
  throw new Error(await response.text())
}

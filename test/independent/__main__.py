"""Reads one question a line from standard input, and writes one answer a line; both are JSON, bytes are hexadecimal."""

import json
import sys

import aes_gcm
import wafer


def secrets_of(question):
    return [bytes.fromhex(secret) for secret in question["secrets"]]


def open_cookie(q):
    return wafer.open_cookie(q["header"], secrets_of(q), q["cookieName"], q["options"], q["now"])


def seal_cookie(q):
    [secret] = secrets_of(q)
    max_chunks = q.get("maxChunks", 1)
    return wafer.seal_cookie(q["session"], secret, q["cookieName"], q["now"], max_chunks)


def open_stored(q):
    return wafer.open_stored(q["header"], q["store"], secrets_of(q), q["cookieName"], q["options"], q["now"])


def seal_stored(q):
    """An id cookie for a handle and a token, and the record that it opens."""
    [secret] = secrets_of(q)
    name, record = q["cookieName"], q["record"]
    handle, token = bytes.fromhex(record["session"]["handle"]), bytes.fromhex(q["token"])
    _, known_by = wafer.digest_of(secret, name, handle, token)
    users = [names for names in q["tags"]]
    tags = [wafer.tag_of(secret, *names).hex() for names in users]
    full = {**record, "kind": "live", "hash": known_by.hex(), "kid": wafer.kid_of(secret).hex(), "tags": tags}
    key = wafer.to_base64url(handle)
    value = wafer.seal_record(wafer.encode_record(full), secret, name, key, q["now"])
    upcoming = wafer.next_token(secret, name, handle, known_by, bytes.fromhex(record["seed"]))
    return {
        "cookie": wafer.sign_id(secret, name, handle, token),
        "next": wafer.sign_id(secret, name, handle, upcoming),
        "key": key,
        "value": value,
        "tags": [wafer.to_base64url(bytes.fromhex(tag)) for tag in tags],
    }


def open_record(q):
    content = wafer.unseal_record(q["value"], secrets_of(q), q["cookieName"], q["key"])
    return wafer.decode_record(content)


def seal_tombstone(q):
    [secret] = secrets_of(q)
    content = wafer.encode_record({**q["record"], "kind": "tombstone"})
    return wafer.seal_record(content, secret, q["cookieName"], q["key"], q["now"])


def open_state(q):
    content = wafer.unseal_record(q["value"], secrets_of(q), q["cookieName"], q["key"])
    return wafer.decode_state(content)


def seal_state(q):
    [secret] = secrets_of(q)
    key = wafer.state_key(secret, q["cookieName"], q["purpose"], q["names"])
    content = wafer.encode_state(q["state"])
    return {"key": key, "value": wafer.seal_record(content, secret, q["cookieName"], key, q["now"])}


def tag(q):
    [secret] = secrets_of(q)
    return wafer.to_base64url(wafer.tag_of(secret, *q["names"]))


def binding(q):
    [secret] = secrets_of(q)
    return [int(wafer.kid_of(secret).hex(), 16), wafer.binding_hash(secret, q["kind"], q["value"])]


def wycheproof(q):
    """Whether a vector of AES-256-GCM opens to its message, and seals to its ciphertext and tag."""
    key, iv, aad, message, sealed = (bytes.fromhex(q[name]) for name in ("key", "iv", "aad", "msg", "sealed"))
    opened = aes_gcm.open_sealed(key, iv, aad, sealed)
    return [opened == message, aes_gcm.seal(key, iv, aad, message) == sealed]


QUESTIONS = {
    answer.__name__: answer
    for answer in (
        open_cookie,
        seal_cookie,
        open_stored,
        seal_stored,
        open_record,
        seal_tombstone,
        open_state,
        seal_state,
        tag,
        binding,
        wycheproof,
    )
}


def answer(question):
    try:
        return {"answer": QUESTIONS[question["ask"]](question)}
    except wafer.Refused as refusal:
        return {"refused": refusal.args[0]}
    except wafer.Outage:
        return {"refused": "outage"}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)

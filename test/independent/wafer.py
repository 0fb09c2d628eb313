"""Sessions of wafer-session a second time, from docs/format.md alone and with nothing but the standard library."""

import hashlib
import hmac
import json
import re
import secrets as randomness

import aes_gcm

MAX_CANDIDATES = 4
COOKIE_BYTES = 4096
SESSION_BYTES = 14336
ID_LENGTH = 92
LEEWAY = 60


class Refused(Exception):
    """The reason is the first argument."""


class Outage(Exception):
    pass


# Bytes


def number(value, length):
    return value.to_bytes(length, "big")


def lp(*texts):
    encoded = [text.encode() for text in texts]
    return b"".join(number(len(text), 2) + text for text in encoded)


_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_VALUES = {char: value for value, char in enumerate(_ALPHABET)}


def to_base64url(data):
    bits = int.from_bytes(data, "big")
    rest = -8 * len(data) % 6
    bits <<= rest
    length = (8 * len(data) + rest) // 6
    return "".join(_ALPHABET[(bits >> (6 * (length - 1 - i))) & 63] for i in range(length))


def from_base64url(text):
    """Only in the one spelling."""
    if len(text) % 4 == 1 or any(char not in _VALUES for char in text):
        raise Refused("malformed")
    bits = 0
    for char in text:
        bits = (bits << 6) | _VALUES[char]
    rest = 6 * len(text) % 8
    if bits & ((1 << rest) - 1):
        raise Refused("malformed")
    return (bits >> rest).to_bytes(6 * len(text) // 8, "big")


# Keys


def hmac_sha256(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def hkdf(secret, info, length):
    """RFC 5869, for at most one block."""
    extracted = hmac_sha256(bytes(32), secret)
    return hmac_sha256(extracted, info + b"\1")[:length]


def kid_of(secret):
    return hkdf(secret, lp("wafer/1", "kid"), 4)


def hour_key(secret, purpose, name, hour):
    return hkdf(secret, lp("wafer/1", "seal", purpose, name) + number(hour, 3), 32)


def mac(secret, use, message):
    return hmac_sha256(hkdf(secret, lp("wafer/1", use), 32), message)


def by_kid(secrets):
    return {kid_of(secret): secret for secret in secrets}


def tag_of(secret, *names):
    return mac(secret, "tag", lp(*names))[:16]


def binding_hash(secret, kind, value):
    return to_base64url(mac(secret, "binding", lp(kind, value))[:8])


# The seal


def seal(secret, purpose, name, store_key, hour, content, iv=None):
    iv = iv or randomness.token_bytes(12)
    head = b"\1" + kid_of(secret) + number(hour, 3)
    key = hour_key(secret, purpose, name, hour)
    return head + iv + aes_gcm.seal(key, iv, head + lp(purpose, name, store_key), content)


def unseal(secrets, purpose, name, store_key, sealed, hours=None):
    """Steps 4 to 8 of the sealed cookie; without `hours`, a pair, any hour will do."""
    if len(sealed) < 36:
        raise Refused("malformed")
    if sealed[0] != 1:
        raise Refused("unknown-version")
    secret = by_kid(secrets).get(sealed[1:5])
    if secret is None:
        raise Refused("unknown-key")
    hour = int.from_bytes(sealed[5:8], "big")
    if hours is not None and not hours[0] <= hour <= hours[1]:
        raise Refused("hour-out-of-range")
    aad = sealed[:8] + lp(purpose, name, store_key)
    content = aes_gcm.open_sealed(hour_key(secret, purpose, name, hour), sealed[8:20], aad, sealed[20:])
    if content is None:
        raise Refused("forged")
    return content


# The session


def parse_json(text):
    """RFC 8259, and no `__proto__`."""

    def no_constant(_):
        raise ValueError("no JSON")

    def no_proto(pairs):
        if any(key == "__proto__" for key, _ in pairs):
            raise ValueError("__proto__")
        return dict(pairs)

    try:
        return json.loads(text, parse_constant=no_constant, object_pairs_hook=no_proto)
    except (ValueError, RecursionError):
        raise Refused("undecodable") from None


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_texts(value, at_least=0):
    return isinstance(value, list) and len(value) >= at_least and all(isinstance(one, str) for one in value)


def is_pending(value):
    if not isinstance(value, list) or len(value) < 6:
        return False
    user, time, amr, acr, _, oidc = value[:6]
    right = isinstance(user, str) and is_number(time) and is_texts(amr)
    return right and (acr is None or isinstance(acr, str)) and (oidc is None or is_texts(oidc, 2))


def is_challenge(value):
    if not isinstance(value, list) or len(value) < 2:
        return False
    return isinstance(value[0], str) and is_number(value[1]) and (len(value) < 3 or isinstance(value[2], str))


KINDS = {
    "b": lambda b: isinstance(b, list) and len(b) > 1 and is_number(b[0]) and isinstance(b[1], dict),
    "c": is_number,
    "d": lambda d: isinstance(d, str),
    "l": lambda place: isinstance(place, str),
    "o": lambda o: is_texts(o, 2),
    "p": is_pending,
    "q": lambda q: isinstance(q, dict) and all(is_challenge(one) for one in q.values()),
    "s": is_number,
}


def is_meta(meta):
    if not isinstance(meta, list):
        return False
    user, amr, acr, _, flash, more = (meta + [None] * 6)[:6]
    right = (user is None or isinstance(user, str)) and (amr is None or is_texts(amr))
    right = right and (acr is None or isinstance(acr, str)) and (flash is None or isinstance(flash, dict))
    if more is None or not right:
        return right
    return isinstance(more, dict) and all(KINDS[key](more[key]) for key in more if key in KINDS)


TIMES = ("createdAt", "lastSeenAt", "idleExpiresAt", "absoluteExpiresAt")


def encode_session(session):
    meta = list(session["meta"])
    while meta and meta[-1] is None:
        meta.pop()
    text = (compact(meta) if meta else "") + "\n" + compact(session["data"])
    times = b"".join(number(session[time], 4) for time in TIMES)
    return bytes.fromhex(session["handle"]) + times + number(session["authTime"], 6) + text.encode()


def decode_session(content):
    if len(content) < 38:
        raise Refused("undecodable")
    try:
        text = content[38:].decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("undecodable") from None
    first, line_feed, rest = text.partition("\n")
    if line_feed == "":
        raise Refused("undecodable")
    meta = parse_json(first) if first else []
    data = parse_json(rest)
    if not is_meta(meta) or not isinstance(data, dict):
        raise Refused("undecodable")
    session = {time: int.from_bytes(content[16 + 4 * i : 20 + 4 * i], "big") for i, time in enumerate(TIMES)}
    auth_time = int.from_bytes(content[32:38], "big")
    return {"handle": content[:16].hex(), **session, "authTime": auth_time, "meta": meta, "data": data}


def part(session, position):
    return session["meta"][position] if len(session["meta"]) > position else None


def timeouts_of(options, session):
    remembered = part(session, 0) is not None and part(session, 3) == 1 and part(session, 3) is not True
    return options["remember"] if remembered and "remember" in options else options


def check_times(session, options, now):
    """Steps 10 to 12; the deadlines as they stand now."""
    timeouts = timeouts_of(options, session)
    seconds = now // 1000
    signed_in = part(session, 0) is not None
    start = session["authTime"] // 1000 if signed_in else session["createdAt"]
    if max(session["createdAt"], session["lastSeenAt"], start) > seconds + LEEWAY:
        raise Refused("issued-in-future")
    absolute = min(session["absoluteExpiresAt"], start + timeouts["absoluteTimeout"])
    if seconds >= absolute:
        raise Refused("absolute-timeout")
    idle = min(session["idleExpiresAt"], session["lastSeenAt"] + timeouts["idleTimeout"])
    if seconds >= idle:
        raise Refused("idle-timeout")


# The Cookie header


def values_of(header, name):
    """The values of every cookie of exactly this name; only space and tab are blank."""
    pairs = [pair.strip(" \t") for pair in header.split(";")]
    return [pair[len(name) + 1 :] for pair in pairs if pair.startswith(name + "=")]


def candidates(header, name, max_chunks=1):
    found = values_of(header, name)
    if len(found) > MAX_CANDIDATES:
        raise Refused("too-many")
    joined = [value for head in found for value in (join_chunks(header, name, head) if max_chunks > 1 else [head])]
    if len(joined) > MAX_CANDIDATES:
        raise Refused("too-many")
    return joined


def join_chunks(header, name, head):
    counted = re.match(r"([2-4])\.(.*)\Z", head, re.DOTALL)
    if counted is None:
        return [head]
    values = [counted[2]]
    for i in range(1, int(counted[1])):
        parts = values_of(header, f"{name}.{i}")
        values = [start + part for start in values for part in parts][: MAX_CANDIDATES + 1]
    return values or [head]


def split_chunks(name, value, max_chunks):
    if len(name) + len(value) <= COOKIE_BYTES:
        return f"{name}={value}"
    size = COOKIE_BYTES - len(name) - 2
    parts = [value[i : i + size] for i in range(0, len(value), size)]
    total = len(value) + len(parts) * (len(name) + 2)
    if len(parts) > max_chunks or total > SESSION_BYTES:
        raise ValueError("too large")
    pairs = [f"{name}={len(parts)}.{parts[0]}"] + [f"{name}.{i}={one}" for i, one in enumerate(parts) if i]
    return "; ".join(pairs)


def of_one_session(opened):
    """What has come through every step; the reason of the first refusal when nothing has."""
    live = [one for one in opened if not isinstance(one, Refused)]
    if len({one["handle"] for one in live}) > 1:
        raise Refused("ambiguous")
    if live:
        return live
    raise opened[0] if opened else Refused("none")


def attempt(open_one, value):
    try:
        return open_one(value)
    except Refused as refusal:
        return refusal


# The sealed cookie


def longest_idle(options):
    all_timeouts = [options, options.get("remember", options)]
    return max(min(one["idleTimeout"], one["absoluteTimeout"]) for one in all_timeouts)


def open_cookie(header, secrets, name, options, now):
    max_chunks = options.get("maxChunks", 1)
    hours = ((now - 1000 * longest_idle(options)) // 3_600_000, (now + 1000 * LEEWAY) // 3_600_000)

    def open_one(value):
        if len(value) > COOKIE_BYTES * max_chunks:
            raise Refused("too-long")
        content = unseal(secrets, "session", name, "", from_base64url(value), hours)
        session = decode_session(content)
        check_times(session, options, now)
        return session

    opened = [attempt(open_one, value) for value in candidates(header, name, max_chunks)]
    return max(of_one_session(opened), key=lambda session: session["lastSeenAt"])


def seal_cookie(session, secret, name, now, max_chunks=1):
    sealed = seal(secret, "session", name, "", now // 3_600_000, encode_session(session))
    return split_chunks(name, to_base64url(sealed), max_chunks)


# The id cookie


def digest_of(secret, name, handle, token):
    """Tag and hash."""
    digest = mac(secret, "token", lp(name) + handle + token)
    return digest[:16], digest[16:]


def sign_id(secret, name, handle, token):
    tag, _ = digest_of(secret, name, handle, token)
    return to_base64url(b"\2" + kid_of(secret) + handle + token + tag)


def next_token(secret, name, handle, current_hash, seed):
    return mac(secret, "renew", lp(name) + handle + current_hash + seed)


def open_id(value, secrets, name):
    """Steps 2 to 6: handle, token."""
    if len(value) > ID_LENGTH:
        raise Refused("too-long")
    cookie = from_base64url(value)
    if len(cookie) != 69:
        raise Refused("malformed")
    if cookie[0] != 2:
        raise Refused("unknown-version")
    secret = by_kid(secrets).get(cookie[1:5])
    if secret is None:
        raise Refused("unknown-key")
    handle, token = cookie[5:21], cookie[21:53]
    if not hmac.compare_digest(digest_of(secret, name, handle, token)[0], cookie[53:]):
        raise Refused("forged")
    return handle, token


# Records


def encode_record(record):
    if record["kind"] == "tombstone":
        return b"\2" + number(record["endedAt"], 4) + bytes.fromhex(record.get("successor") or "")
    before = record.get("previous") or {"hash": "00" * 16, "kid": "00" * 4, "replacedAt": 0}
    return b"".join(
        [
            b"\1" + bytes.fromhex(record["hash"] + record["kid"]) + number(record["since"], 4),
            bytes.fromhex(record["seed"] + before["hash"] + before["kid"]) + number(before["replacedAt"], 4),
            number(len(record["tags"]), 1) + bytes.fromhex("".join(record["tags"])),
            encode_session(record["session"]),
        ]
    )


def decode_record(content):
    if content[:1] == b"\2" and len(content) in (5, 21):
        successor = content[5:].hex() or None
        return {"kind": "tombstone", "endedAt": int.from_bytes(content[1:5], "big"), "successor": successor}
    if content[:1] != b"\1" or len(content) < 66:
        raise Refused("undecodable")
    end = 66 + 16 * content[65]
    replaced_at = int.from_bytes(content[61:65], "big")
    before = {"hash": content[41:57].hex(), "kid": content[57:61].hex(), "replacedAt": replaced_at}
    return {
        "kind": "live",
        "hash": content[1:17].hex(),
        "kid": content[17:21].hex(),
        "since": int.from_bytes(content[21:25], "big"),
        "seed": content[25:41].hex(),
        "previous": before if replaced_at else None,
        "tags": [content[i : i + 16].hex() for i in range(66, end, 16)],
        "session": decode_session(content[end:]),
    }


def seal_record(content, secret, name, store_key, now):
    return to_base64url(seal(secret, "record", name, store_key, now // 3_600_000, content))


def unseal_record(value, secrets, name, store_key):
    try:
        return unseal(secrets, "record", name, store_key, from_base64url(value))
    except Refused as refusal:
        if refusal.args[0] == "unknown-key":
            raise Outage("a secret that is not in the list") from None
        raise Refused("undecodable") from None


def token_class(record, handle, token, secrets, name, grace, now):
    """Step 10, and the lower the better."""
    ring = by_kid(secrets)
    kid = bytes.fromhex(record["kid"])
    secret = ring.get(kid)
    current = bytes.fromhex(record["hash"])
    if secret is not None:
        if digest_of(secret, name, handle, token)[1] == current:
            return 1
        if next_token(secret, name, handle, current, bytes.fromhex(record["seed"])) == token:
            return 0
    before = record["previous"]
    if secret is None or (before and bytes.fromhex(before["kid"]) not in ring):
        raise Refused("unknown-key")
    if before is None:
        raise Refused("reused")
    of_before = digest_of(ring[bytes.fromhex(before["kid"])], name, handle, token)[1]
    if of_before.hex() != before["hash"] or now // 1000 - before["replacedAt"] > grace:
        raise Refused("reused")
    return 2


def open_stored(header, store, secrets, name, options, now):
    """The session that an id cookie opens; `store` has its values by key."""
    grace = options.get("renewalGrace", 60)

    def open_one(value):
        handle, token = open_id(value, secrets, name)
        key = to_base64url(handle)
        if key not in store:
            raise Refused("unknown-session")
        record = decode_record(unseal_record(store[key], secrets, name, key))
        if record["kind"] == "tombstone":
            late = record["successor"] and now // 1000 - record["endedAt"] > grace
            raise Refused("reused" if late else "ended")
        rank = token_class(record, handle, token, secrets, name, grace, now)
        check_times(record["session"], options, now)
        return {"rank": rank, "tags": record["tags"], **record["session"]}

    opened = [attempt(open_one, value) for value in candidates(header, name)]
    return min(of_one_session(opened), key=lambda session: session["rank"])


# Server state


def state_key(secret, name, purpose, names):
    return to_base64url(tag_of(secret, "state", name, purpose, *names))


def encode_state(state):
    moved = [state["movedTo"]] if state.get("movedTo") is not None else []
    there = [1] if state.get("hasMoved") else []
    content = [state["expiresAt"], state["value"], *moved, *there]
    return (b"\4" if moved else b"\3") + compact(content).encode()


def decode_state(content):
    if content[:1] not in (b"\3", b"\4"):
        raise Refused("undecodable")
    try:
        array = json.loads(content[1:].decode())
    except ValueError:
        array = None
    right = isinstance(array, list) and len(array) > 1 and is_number(array[0])
    if not right or (content[0] == 4 and not (len(array) > 2 and isinstance(array[2], str))):
        raise Refused("undecodable")
    state = {"expiresAt": array[0], "value": array[1]}
    if content[0] == 4:
        state.update(movedTo=array[2], hasMoved=len(array) > 3 and array[3] == 1)
    return state

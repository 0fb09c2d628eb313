"""AES-256-GCM (FIPS 197, NIST SP 800-38D) in plain Python, for 96-bit IVs and 128-bit tags: right rather than fast."""

import hmac

# GCM's polynomial, with the bits the other way round (SP 800-38D, 6.3).
_R = 0xE1 << 120


def _double(a):
    """Times x in the field of AES (FIPS 197, 4.2.1)."""
    return (a << 1) ^ (0x11B if a & 0x80 else 0)


def _make_sbox():
    """The inverse in the field, then the affine map (FIPS 197, 5.1.1)."""
    power, log, value = [0] * 255, [0] * 256, 1
    for exponent in range(255):
        power[exponent], log[value] = value, exponent
        value ^= _double(value)
    sbox = []
    for byte in range(256):
        inverse = 0 if byte == 0 else power[-log[byte] % 255]
        turned = [((inverse << n) | (inverse >> (8 - n))) & 0xFF for n in range(5)]
        sbox.append(turned[0] ^ turned[1] ^ turned[2] ^ turned[3] ^ turned[4] ^ 0x63)
    return sbox


_SBOX = _make_sbox()
# SubBytes and MixColumns of one byte, as a column.
_MIXED = [
    (_double(s) << 24) | (s << 16) | (s << 8) | (_double(s) ^ s) for s in _SBOX
]


def _substitute(word):
    return int.from_bytes(bytes(_SBOX[byte] for byte in word.to_bytes(4, "big")), "big")


def _turn(word, bits):
    return ((word >> bits) | (word << (32 - bits))) & 0xFFFFFFFF


class Aes256:
    def __init__(self, key):
        if len(key) != 32:
            raise ValueError("a key has 32 bytes")
        words = [int.from_bytes(key[i : i + 4], "big") for i in range(0, 32, 4)]
        constant = 1
        for i in range(8, 60):
            word = words[-1]
            if i % 8 == 0:
                word = _substitute(_turn(word, 24)) ^ (constant << 24)
                constant = _double(constant)
            elif i % 8 == 4:
                word = _substitute(word)
            words.append(words[-8] ^ word)
        self._rounds = [words[i : i + 4] for i in range(0, 60, 4)]

    def encrypt(self, block):
        """One block, as a number of 128 bits."""
        first, *middle, last = self._rounds
        state = [((block >> (96 - 32 * i)) & 0xFFFFFFFF) ^ first[i] for i in range(4)]
        for keys in middle:
            state = [self._column(state, i) ^ keys[i] for i in range(4)]
        result = 0
        for i in range(4):
            shifted = [(state[(i + n) % 4] >> (24 - 8 * n)) & 0xFF for n in range(4)]
            word = int.from_bytes(bytes(_SBOX[byte] for byte in shifted), "big")
            result = (result << 32) | (word ^ last[i])
        return result

    @staticmethod
    def _column(state, i):
        """ShiftRows brings the four bytes of a column together from four columns."""
        word = 0
        for n in range(4):
            byte = (state[(i + n) % 4] >> (24 - 8 * n)) & 0xFF
            word ^= _turn(_MIXED[byte], 8 * n) if n else _MIXED[byte]
        return word


def _multiply(x, y):
    """SP 800-38D, 6.3."""
    product = 0
    for bit in range(127, -1, -1):
        if (x >> bit) & 1:
            product ^= y
        y = (y >> 1) ^ _R if y & 1 else y >> 1
    return product


def _ghash(subkey, aad, ciphertext):
    digest = 0
    lengths = (8 * len(aad)).to_bytes(8, "big") + (8 * len(ciphertext)).to_bytes(8, "big")
    for part in (aad, ciphertext, lengths):
        for i in range(0, len(part), 16):
            block = part[i : i + 16].ljust(16, b"\0")
            digest = _multiply(digest ^ int.from_bytes(block, "big"), subkey)
    return digest


def _crypt(cipher, iv, text):
    stream = bytearray()
    for counter in range(2, 2 + (len(text) + 15) // 16):
        stream += cipher.encrypt((int.from_bytes(iv, "big") << 32) | counter).to_bytes(16, "big")
    return bytes(a ^ b for a, b in zip(text, stream))


def _tag(cipher, iv, aad, ciphertext):
    digest = _ghash(cipher.encrypt(0), aad, ciphertext)
    mask = cipher.encrypt((int.from_bytes(iv, "big") << 32) | 1)
    return (digest ^ mask).to_bytes(16, "big")


def seal(key, iv, aad, plaintext):
    """The ciphertext with its tag behind it."""
    cipher = Aes256(key)
    ciphertext = _crypt(cipher, iv, plaintext)
    return ciphertext + _tag(cipher, iv, aad, ciphertext)


def open_sealed(key, iv, aad, sealed):
    """The plaintext, or None when the tag is wrong."""
    cipher = Aes256(key)
    ciphertext, tag = sealed[:-16], sealed[-16:]
    if not hmac.compare_digest(_tag(cipher, iv, aad, ciphertext), tag):
        return None
    return _crypt(cipher, iv, ciphertext)

"""What is signed is the timestamp and the bytes as they came, nothing prettier."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.sendgrid.signature import load_keys, verify

BODY = b'[{"email":"taro@example.jp","event":"bounce","reason":"\\u003ctaro\\u003e"}]\r\n'
MOMENT = "1790000000"
OURS = ec.generate_private_key(ec.SECP256R1())
OLDER = ec.generate_private_key(ec.SECP256R1())


def shown(key):
    """The public key as the dashboard shows it."""
    told = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(told).decode()


def signed(key, moment=MOMENT, body=BODY):
    return b64encode(key.sign(moment.encode() + body, ec.ECDSA(SHA256()))).decode()


def test_a_post_signed_by_the_key_is_genuine():
    assert verify(BODY, signed(OURS), MOMENT, load_keys([shown(OURS)]))


def test_while_keys_change_either_of_them_is_enough():
    keys = load_keys([shown(OURS), shown(OLDER)])
    assert verify(BODY, signed(OURS), MOMENT, keys)
    assert verify(BODY, signed(OLDER), MOMENT, keys)


def test_a_key_that_was_taken_out_no_longer_counts():
    assert not verify(BODY, signed(OLDER), MOMENT, load_keys([shown(OURS)]))


@pytest.mark.parametrize(
    "body",
    [BODY.rstrip(), BODY.replace(b"\r\n", b"\n"), BODY.replace(b"\\u003c", b"<"), BODY + b" ", b""],
)
def test_a_body_that_was_touched_is_not_genuine(body):
    assert not verify(body, signed(OURS), MOMENT, load_keys([shown(OURS)]))


@pytest.mark.parametrize("moment", ["1790000001", "", "１７９", " 1790000000"])
def test_a_timestamp_that_was_touched_is_not_genuine(moment):
    assert not verify(BODY, signed(OURS), moment, load_keys([shown(OURS)]))


@pytest.mark.parametrize(
    "signature", ["", "!", "abc", "AAAA", "署名", b64encode(b"x" * 70).decode()]
)
def test_rubbish_for_a_signature_is_refused_quietly(signature):
    assert not verify(BODY, signature, MOMENT, load_keys([shown(OURS)]))


def test_without_any_key_nothing_is_genuine():
    assert not verify(BODY, signed(OURS), MOMENT, ())


def test_a_key_may_have_been_pasted_with_a_line_break():
    text = shown(OURS)
    assert verify(BODY, signed(OURS), MOMENT, load_keys([f"{text[:60]}\n{text[60:]}\n"]))


@pytest.mark.parametrize("text", ["", "hello", "MFkw", "-----BEGIN PUBLIC KEY-----"])
def test_a_key_that_cannot_be_read_names_the_mend(text):
    with pytest.raises(ValueError, match=r"public key 1 cannot be read: copy .* MFkw"):
        load_keys([text])


def test_the_wrong_one_of_several_keys_is_named():
    with pytest.raises(ValueError, match="public key 2 cannot"):
        load_keys([shown(OURS), ""])


def test_a_key_of_another_kind_is_refused_at_the_start():
    with pytest.raises(ValueError, match="public key 1 is of another kind"):
        load_keys([shown(ed25519.Ed25519PrivateKey.generate())])

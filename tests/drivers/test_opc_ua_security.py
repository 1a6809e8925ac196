"""Secured OPC UA against an independent server: our certificate, confirmed machines, passwords."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import stat
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from keyring.backend import KeyringBackend
from keyring.backends import fail

from desktop import command_line
from desktop.clock import REAL
from desktop.collect.collector import Collector
from desktop.store import database, records
from desktop.wording.devices import fault_sentence
from drivers import opc_ua_security
from drivers.base import DriverError, Reading, Value
from drivers.link import Given
from drivers.opc_ua import OpcUa
from drivers.opc_ua_security import SETTINGS, Security, fingerprint, judge, leaf, normal, own, security_of
from tests.drivers.opc_ua_peers import THEIRS, Plc, arrived, bus, certificate, collect, have, opened, refused
from tests.waiting import wait_for

URI = "urn:plc:press"
NODES = {"good": THEIRS + "Good"}
SECRET = "pass\u00adword-장갑-7!"
MACHINE = certificate(URI)


@pytest.fixture(scope="module")
def plc() -> Iterator[Plc]:
    """A machine that lets in signed and encrypted channels, and users by name."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    plc = Plc(*MACHINE, "NoSecurity", "Basic256Sha256_Sign", "Basic256Sha256_SignAndEncrypt", uri=URI)
    plc.add("Good", 0)
    yield plc
    plc.close()


@pytest.fixture(scope="module")
def plain() -> Iterator[Plc]:
    """A machine without a certificate that knows users all the same."""
    plain = Plc(b"", b"", "NoSecurity", uri=URI)
    plain.add("Good", 0)
    plain.users.known = {"viewer": SECRET}
    yield plain
    plain.close()


@pytest.fixture(autouse=True)
def users(request: pytest.FixtureRequest) -> None:
    if "plc" in request.fixturenames:
        plc: Plc = request.getfixturevalue("plc")
        plc.users.tried.clear()
        plc.users.known = {"viewer": SECRET}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with our certificate: made once, because a key takes a moment."""
    folder = str(tmp_path_factory.mktemp("data") / "keys")
    own(folder, "cell")
    return folder


class Store(KeyringBackend):
    """A system's store of passwords in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture
def store() -> Iterator[Store]:
    before, store = keyring.get_keyring(), Store()
    keyring.set_keyring(store)
    yield store
    keyring.set_keyring(before)


def wanted(**given: Value) -> Security:
    return security_of(Given(SETTINGS, given, "cell"))


def sentence(error: DriverError) -> str:
    said = fault_sentence(error.kind, error.detail)
    assert "?" not in said.replace("the same?", ""), said
    return said


# channels


@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
def test_values_over_a_secured_channel(plc: Plc, keys: str, mode: str) -> None:
    settings: dict[str, Value] = {"security": mode, "trust": fingerprint(MACHINE[0])}
    with opened(bus(plc.url, NODES, settings, keys)) as driver:
        collect(driver, have("good"))
        assert driver._client is not None
        found: list[Reading] = []
        for number in range(1, 31):
            plc.set("Good", number)
            if number % 10 == 0:
                driver._client.open_secure_channel(renew=True)
                driver._client.open_secure_channel(renew=True)  # before anything came under the token of before
                found += collect(driver, arrived(number))
        assert [r.value for r in found] == list(range(1, 31))
        assert driver._client.security_policy.Mode.name == mode


def test_an_unknown_machine_is_asked_about_before_anything_is_said_to_it(plc: Plc, keys: str, store: Store) -> None:
    store.kept["Gadong OPC UA", f"viewer@{plc.url}"] = SECRET
    error = refused(bus(plc.url, NODES, {"security": "SignAndEncrypt", "user": "viewer"}, keys))
    assert (error.kind, error.detail["problem"], error.needs_person) == ("untrusted", "unknown", True)
    assert fingerprint(MACHINE[0]) in sentence(error)
    assert "main.py config trust cell" in sentence(error)
    assert plc.users.tried == []


def test_another_certificate_than_the_confirmed_one_is_named_at_once(plc: Plc, keys: str, store: Store) -> None:
    """An impostor with the same application URI: neither a time-out nor a password."""
    store.kept["Gadong OPC UA", f"viewer@{plc.url}"] = SECRET
    before = fingerprint(certificate(URI)[0])
    began = time.monotonic()
    error = refused(bus(plc.url, NODES, {"security": "SignAndEncrypt", "user": "viewer", "trust": before}, keys))
    assert time.monotonic() - began < 1.0
    assert (error.kind, error.detail["problem"], error.needs_person) == ("untrusted", "changed", True)
    assert "The certificate of the machine changed" in sentence(error)
    assert before in sentence(error)
    assert fingerprint(MACHINE[0]) in sentence(error)
    assert plc.users.tried == []


def test_a_confirmed_certificate_without_its_key_is_no_proof(keys: str) -> None:
    """An impostor that shows the machine's certificate, which is public, and has another key."""
    thief = Plc(MACHINE[0], certificate(URI)[1], "NoSecurity", "Basic256Sha256_SignAndEncrypt", uri=URI)
    try:
        settings: dict[str, Value] = {"security": "SignAndEncrypt", "trust": fingerprint(MACHINE[0])}
        error = refused(bus(thief.url, NODES, settings, keys))
        assert error.kind == "untrusted"
        assert error.detail["problem"] in ("no_proof", "ours")
        assert str(Path(keys) / "gadong.der") in sentence(error)
    finally:
        thief.close()


def test_a_mode_that_the_machine_does_not_offer_is_named(plain: Plc, keys: str) -> None:
    error = refused(bus(plain.url, NODES, {"security": "Sign"}, keys))
    assert (error.kind, error.detail["problem"], error.detail["offers"]) == ("untrusted", "not_offered", "None")
    assert "does not offer Sign with Basic256Sha256 but: None." in sentence(error)


# the machine's certificate


NOW_MS = REAL.now_ms()


@pytest.mark.parametrize(
    ("days", "uri", "words"),
    [
        ((-10, -3), URI, "It was valid until "),
        ((3, 10), URI, "It is valid from "),
        ((-1, 1), "urn:other", f"It is made out to {URI}"),
    ],
)
def test_what_does_not_fit_is_told_with_the_question(
    days: tuple[int, int], uri: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    der = certificate(URI, days)[0]
    with pytest.raises(DriverError) as caught:
        judge(der, uri, wanted(), "cell", NOW_MS)
    assert words in sentence(caught.value)
    # a person who has confirmed it knows: the machine goes on being read, and the log says why that is odd
    judge(der, uri, wanted(trust=fingerprint(der)), "cell", NOW_MS)
    assert "does not fit" in caplog.text
    caplog.clear()


@pytest.mark.parametrize(
    ("der", "problem"),
    [(b"", "none"), (None, "none"), (b"0\x82\x00\x02ab", "unreadable"), (certificate(URI, bits=1024)[0], "weak")],
)
def test_a_certificate_that_is_none(der: bytes | None, problem: str) -> None:
    with pytest.raises(DriverError) as caught:
        judge(der, URI, wanted(), "cell", NOW_MS)
    assert (caught.value.kind, caught.value.detail["problem"]) == ("untrusted", problem)
    assert sentence(caught.value).endswith(".")


def test_the_first_certificate_of_a_chain_counts() -> None:
    chain = MACHINE[0] + certificate("urn:ca")[0]
    assert leaf(chain) == MACHINE[0]
    assert fingerprint(chain) == fingerprint(MACHINE[0])
    judge(chain, URI, wanted(trust=fingerprint(MACHINE[0])), "cell", NOW_MS)


def test_a_fingerprint_in_any_writing() -> None:
    digits = fingerprint(MACHINE[0]).removeprefix("sha256:")
    pairs = ":".join(digits[n : n + 2] for n in range(0, 64, 2)).upper()
    for text in (digits, f"sha256:{digits}", pairs, f"SHA256: {pairs}", f" {digits[:32]} {digits[32:]}\n"):
        assert normal(text) == digits
    for text in ("", "sha256:", digits[:-1], digits + "0", "g" * 64, "sha1:" + digits[:40]):
        assert normal(text) == ""
    with pytest.raises(DriverError) as caught:
        wanted(trust="sha256:12")
    assert (caught.value.kind, caught.value.detail["address"]) == ("bad_address", "cell: trust")


# our own certificate


def test_our_certificate_is_made_once_and_says_who_we_are(keys: str) -> None:
    mine, again = own(keys, "cell"), own(keys, "cell")
    assert mine.der == again.der
    made = x509.load_der_x509_certificate(mine.der)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [mine.uri]
    assert len(names.get_values_for_type(x509.DNSName)) == 1
    usage = made.extensions.get_extension_for_class(x509.KeyUsage).value
    assert [
        usage.digital_signature,
        usage.content_commitment,
        usage.key_encipherment,
        usage.data_encipherment,
        usage.key_cert_sign,
    ] == [True] * 4 + [False]
    extended = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(extended) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert made.signature_hash_algorithm is not None
    assert made.signature_hash_algorithm.name == "sha256"
    assert opc_ua_security._bits(made) == 2048
    now = dt.datetime.now(dt.UTC)
    assert made.not_valid_before_utc < now - dt.timedelta(days=365)
    assert made.not_valid_after_utc > now + dt.timedelta(days=10 * 365)
    made.verify_directly_issued_by(made)


def test_a_pc_with_a_korean_name_has_a_certificate() -> None:
    der, _ = opc_ua_security.make_certificate("생산-PC 1", dt.datetime.now(dt.UTC))
    assert opc_ua_security._uri_of(x509.load_der_x509_certificate(der)) == "urn:PC-1:gadong:client"


def test_the_client_calls_itself_as_its_certificate_does(plc: Plc, keys: str) -> None:
    with opened(bus(plc.url, NODES, {"security": "Sign", "trust": fingerprint(MACHINE[0])}, keys)) as driver:
        assert driver._client is not None
        assert driver._client.application_uri == own(keys, "cell").uri


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps rights otherwise")
def test_keys_are_for_this_user_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opc_ua_security, "make_certificate", lambda *_: MACHINE_PAIR)
    folder = tmp_path / "keys"
    folder.mkdir(0o755)
    mask = os.umask(0)
    try:
        own(str(folder), "cell")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {
        "gadong.der": 0o600,
        "gadong-key.pem": 0o600,
    }


MACHINE_PAIR = opc_ua_security.make_certificate("pc", dt.datetime.now(dt.UTC))


@pytest.mark.parametrize("spoiled", ["gadong.der", "gadong-key.pem"])
def test_a_spoiled_certificate_of_ours_is_named(tmp_path: Path, spoiled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opc_ua_security, "make_certificate", lambda *_: MACHINE_PAIR)
    own(str(tmp_path), "cell")
    (tmp_path / spoiled).write_bytes(b"spoiled")
    with pytest.raises(DriverError) as caught:
        own(str(tmp_path), "cell")
    assert (caught.value.kind, caught.value.detail["problem"]) == ("untrusted", "own")
    assert str(tmp_path) in sentence(caught.value)
    with pytest.raises(DriverError):
        own("", "cell")


# passwords


def test_name_and_password_from_the_store_of_the_system(plc: Plc, keys: str, store: Store) -> None:
    settings: dict[str, Value] = {"security": "SignAndEncrypt", "trust": fingerprint(MACHINE[0]), "user": "viewer"}
    spec = bus(plc.url, NODES, settings, keys)
    error = refused(spec)
    assert (error.kind, error.detail["problem"], error.needs_person) == ("refused_login", "no_password", True)
    assert "main.py config password cell" in sentence(error)
    opc_ua_security.keep_password(wanted(**settings), keys, plc.url, "cell", SECRET)
    with opened(spec) as driver:
        collect(driver, have("good"))
        assert driver._client is not None
        assert driver._client._password is None  # not kept in memory for longer than it takes
    assert plc.users.tried[-1] == ("viewer", SECRET)


def test_a_wrong_password_is_said_and_kept_to_itself(
    plc: Plc, keys: str, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "wrong-password-4711"
    settings: dict[str, Value] = {"security": "Sign", "trust": fingerprint(MACHINE[0]), "user": "viewer"}
    opc_ua_security.keep_password(wanted(**settings), keys, plc.url, "cell", wrong)
    with caplog.at_level(logging.DEBUG):
        driver = OpcUa(bus(plc.url, NODES, settings, keys), REAL)
        with pytest.raises(DriverError) as caught:
            driver.open()
        driver.close()
    error = caught.value
    assert (error.kind, error.needs_person) == ("refused_login", True)
    told = f"{error!r} {error} {error.__cause__!r} {error.__context__!r} {json.dumps(error.detail)} {sentence(error)}"
    assert wrong not in told + caplog.text
    assert wrong not in repr(driver.bus) + repr(driver.raw_tail())
    assert [t.name for t in threading.enumerate() if t.name.startswith("opcua-re")] == []


def test_without_a_store_a_file_serves_only_where_somebody_chose_it(plc: Plc, tmp_path: Path) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    try:
        settings: dict[str, Value] = {"security": "Sign", "trust": fingerprint(MACHINE[0]), "user": "viewer"}
        error = refused(bus(plc.url, NODES, settings, str(tmp_path)))
        assert (error.kind, error.detail["problem"]) == ("refused_login", "no_keyring")
        assert 'password_from = "file"' in sentence(error)
        with pytest.raises(DriverError):
            opc_ua_security.keep_password(wanted(**settings), str(tmp_path), plc.url, "cell", SECRET)
        assert not (tmp_path / "passwords.json").exists()
        settings["password_from"] = "file"
        opc_ua_security.keep_password(wanted(**settings), str(tmp_path), plc.url, "cell", SECRET)
        if sys.platform != "win32":
            (tmp_path / "passwords.json").chmod(0o644)
        with opened(bus(plc.url, NODES, settings, str(tmp_path))) as driver:
            collect(driver, have("good"))
        if sys.platform != "win32":
            assert stat.S_IMODE((tmp_path / "passwords.json").stat().st_mode) == 0o600
    finally:
        keyring.set_keyring(before)


def test_a_password_belongs_to_its_address(plc: Plc, tmp_path: Path) -> None:
    asked = wanted(user="viewer", password_from="file")
    opc_ua_security.keep_password(asked, str(tmp_path), "opc.tcp://other:4840", "cell", SECRET)
    with pytest.raises(DriverError) as caught:
        opc_ua_security.password(asked, str(tmp_path), plc.url, "cell")
    assert caught.value.detail["problem"] == "no_password"


@pytest.mark.parametrize("spoiled", [b"{", b"[1]", b'{"viewer": "geheim-4711"'])
def test_a_spoiled_file_of_passwords_is_named_and_not_quoted(tmp_path: Path, spoiled: bytes) -> None:
    (tmp_path / "passwords.json").write_bytes(spoiled)
    with pytest.raises(DriverError) as caught:
        opc_ua_security.password(wanted(user="viewer", password_from="file"), str(tmp_path), "opc.tcp://a", "cell")
    assert caught.value.detail["problem"] == "password_file"
    assert caught.value.__cause__ is None
    assert "4711" not in sentence(caught.value)


def test_a_password_is_not_sent_in_clear_text_unless_allowed(plain: Plc, store: Store, tmp_path: Path) -> None:
    """An unsecured endpoint of a server without a certificate: the library would only warn."""
    settings: dict[str, Value] = {"user": "viewer"}
    opc_ua_security.keep_password(wanted(**settings), str(tmp_path), plain.url, "cell", SECRET)
    error = refused(bus(plain.url, NODES, settings, str(tmp_path)))
    assert (error.kind, error.detail["problem"], error.needs_person) == ("refused_login", "clear", True)
    assert "clear_password = true" in sentence(error)
    assert plain.users.tried == []
    with opened(bus(plain.url, NODES, {**settings, "clear_password": True}, str(tmp_path))) as driver:
        collect(driver, have("good"))
    assert plain.users.tried == [("viewer", SECRET)]


def test_a_password_is_not_encrypted_to_somebody_unknown(plc: Plc, keys: str, store: Store) -> None:
    """Without a secured channel whoever answers gives the key to which the password is encrypted."""
    settings: dict[str, Value] = {"user": "viewer"}
    opc_ua_security.keep_password(wanted(**settings), keys, plc.url, "cell", SECRET)
    error = refused(bus(plc.url, NODES, settings, keys))
    assert (error.kind, error.detail["problem"]) in [("untrusted", "unknown"), ("refused_login", "clear")]
    assert plc.users.tried == []


# the whole way: confirmed and logged in by the command line, read by the collector


LINE = """
format = 1
[plant]
name = "Plant"
line = "Line"
[[machine]]
code = "PR-01"
name = "Press"
[[bus]]
key = "cell"
port = "{port}"
driver = "opc_ua"
publishing_ms = 20
security = "SignAndEncrypt"
user = "viewer"
  [[bus.device]]
  key = "press"
    [[bus.device.signal]]
    key = "good"
    role = "good"
    machine = "PR-01"
    node = "nsu=urn:plc;s=Good"
"""


def test_a_person_confirms_and_logs_in_and_the_collector_reads(
    plc: Plc,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    file, folder = tmp_path / "line.toml", tmp_path / "data"
    file.write_text(LINE.format(port=plc.url), encoding="utf-8")

    def gadong(*words: str, answer: str = "") -> tuple[int, str]:
        monkeypatch.setattr("builtins.input", lambda _question: answer)
        monkeypatch.setattr("getpass.getpass", lambda _question: answer)
        code = command_line.main(["--data-dir", str(folder), "--lang", "en", *words])
        return code, "".join(capsys.readouterr())

    assert gadong("config", "import", str(file))[0] == 0
    assert gadong("config", "trust", "cel") == (1, "There is no OPC UA bus cel. Buses: cell.\n")
    code, said = gadong("config", "trust", "cell", answer="no")
    assert code == 1
    assert f"{plc.url} shows the certificate {fingerprint(MACHINE[0])}." in said
    assert "Nothing was changed." in said
    code, said = gadong("config", "trust", "cell", answer="yes")
    assert (code, said.splitlines()[-1]) == (0, "The certificate is confirmed.")
    assert "It is the one that was confirmed." in gadong("config", "trust", "cell")[1]
    assert gadong("config", "password", "cell", answer=SECRET)[0] == 0
    assert list(store.kept.values()) == [SECRET]

    ending = threading.Event()

    def collect_there() -> None:
        writing = database.open_writer(folder)
        collector = Collector(writing)
        threading.Thread(target=lambda: (ending.wait(20), collector.stop()), daemon=True).start()
        collector.run(20)
        writing.close()

    collecting = threading.Thread(target=collect_there)
    collecting.start()
    reading = database.open_reader(folder)
    try:
        wait_for(lambda: [row for row in records.health(reading).values() if row.status == "online"])
        plc.set("Good", 12)
        wait_for(lambda: reading.rows("SELECT 1 FROM live WHERE value = 12"))
    finally:
        ending.set()
        collecting.join(10)
        reading.close()
    assert plc.users.tried[-1] == ("viewer", SECRET)
    assert (folder / "keys" / "gadong.der").exists()

    exported = tmp_path / "export.toml"
    assert gadong("config", "export", str(exported))[0] == 0
    assert f'trust = "{fingerprint(MACHINE[0])}"' in exported.read_text(encoding="utf-8")
    secret = SECRET.encode()
    places = [exported, *(path for path in folder.rglob("*") if path.is_file())]
    assert [path.name for path in places if secret in path.read_bytes()] == []
    assert SECRET not in caplog.text
    raw = repr(SECRET.encode())[2:-1]
    assert raw not in caplog.text

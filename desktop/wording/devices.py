"""Devices and the collector in words: how they are, and what is wrong with what they say."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain.figures.head import Listened
from desktop.text import N_, _
from desktop.wording.numbers import minutes, pieces

_STATUSES = {
    "opening": N_("Connecting"),
    "online": N_("Connected"),
    "offline": N_("Disconnected"),
    "misconfigured": N_("Check settings"),
}


def status_word(status: str, fault: str = "") -> str:
    """State of a device's connection in a word; `fault` is what is wrong with one that is connected."""
    if status == "online" and fault:
        return _("Disturbed") if fault == "noisy" else _("Partly read")
    return _(_STATUSES[status]) if status in _STATUSES else status


FAULT_SENTENCES = {
    "port_missing": N_("Port {port} is not there. Check that the cable or adapter is plugged in."),
    "port_busy": N_("Port {port} is in use by another program. Close that program."),
    "port_denied": N_("This user may not open port {port}. Ask the PC's administrator for serial port access."),
    "port_refused": N_(
        "Nothing answers at {port}. Check the device's power, its address and port number, and the network cable."
    ),
    "link_lost": N_("The connection to {port} broke. Check cable and power; it reconnects by itself."),
    "not_taken": N_(
        "The printer at {port} took {sent} of {size} bytes and then nothing more. See that it is switched on, closed, "
        "loaded with paper and not paused."
    ),
    "no_answer": N_("No answer for {seconds} s. Check power, station number and wiring."),
    "bad_frames": N_("{count} damaged messages. Check baud rate, parity and the cable's shield."),
    "noisy": N_(
        "{percent} % of the answers are damaged or missing, the others are good. Check the cable, its shield and "
        "terminating resistors, and machines nearby that disturb it."
    ),
    "exception": N_("The device refuses address {address} (code {code}). Correct the address in the settings."),
    "busy": N_("The device is busy at address {address} (code {code}). It is asked again by itself."),
    "device_trouble": N_("The device reports trouble of its own at address {address} (code {code}). See its manual."),
    "echo": N_("The adapter sends back what it is told. Set echo = true for this bus."),
    "same_address": N_(
        "Only messages of station {unit} are damaged or doubled. Check whether two devices have this number."
    ),
    "bad_address": N_("The device does not know address {address}. Correct the address in the settings."),
    "silent": N_("The link stands, but no value came for {time}. Check that the device is on and sends."),
    "untrusted": N_("The device's certificate is not trusted. Compare its fingerprint, then confirm it."),
    "refused_login": N_("The device refuses the login. Check user name and password in the settings."),
    "overrun": N_("{count} values were lost in the device's own queue. Read fewer values or read more often."),
    "driver_hung": N_(
        "The connection has hung for {seconds} s. It is opened again; if that repeats, restart the device."
    ),
    "protocol": N_("The device's answer makes no sense. Check protocol and settings of the device."),
    "wrong_baud": N_(
        "What arrives is no text: wrong baud rate or frame ({baud}, {frame}). Set both as they are in the device."
    ),
    "flood": N_(
        "The device sends more than {rate} messages a second: {count} were not kept. Check its settings and its cable."
    ),
    "wrong_device": N_("Another device is connected: {found} instead of {expected}. Connect the right one."),
    "slow_pattern": N_(
        "The pattern takes more than {most} ms for a message and was switched off: messages are kept unread. Say in it "
        "which characters may come, [^,]* for example instead of .* alone."
    ),
    "refused": N_("The device refuses the request {request} (answer: {answer}). Check its protocol setting."),
    "collector_off": N_("Nothing is read while the collector is not running."),
    "listening": N_("Nothing is read while its port is listened to for the baud rate."),
}
#: what is wrong exactly, by kind of fault and `problem`
PROBLEM_SENTENCES = {
    ("wrong_baud", "framing"): N_(
        "The port finds most characters damaged: wrong baud rate or frame ({baud}, {frame}). Set both as they are in "
        "the device."
    ),
    ("wrong_baud", "parity"): N_(
        "Most characters come with wrong parity: wrong frame ({frame}) or baud rate ({baud}). Set both as they are in "
        "the device."
    ),
    ("bad_frames", "framing"): N_(
        "{count} damaged messages, and the port itself finds the characters damaged: wrong baud rate or frame, or bad "
        "wiring. Set baud rate and parity as they are in the device."
    ),
    ("no_answer", "server"): N_(
        "Nothing at {port} answers as an OPC UA server for {seconds} s. Check the address, the port number and that "
        "the machine is on."
    ),
    ("no_answer", "network"): N_(
        "No answer for {seconds} s through the network. Check power, station number and wiring, and that the device "
        "server passes Modbus RTU or text on unchanged; Modbus TCP is another language."
    ),
    ("untrusted", "unknown"): N_(
        "Nobody has confirmed this machine's certificate yet: {fingerprint}. Does the machine itself show the same? "
        "Then confirm it: main.py config trust {bus}"
    ),
    ("untrusted", "changed"): N_(
        "The certificate of the machine changed: it is {fingerprint} now and was {trusted}. Nothing is read before you "
        "find out why. If it was renewed, confirm it: main.py config trust {bus}"
    ),
    ("untrusted", "none"): N_("The machine shows no certificate. Set up security on the machine first."),
    ("untrusted", "unreadable"): N_("The machine's certificate cannot be read. Have the machine make a new one."),
    ("untrusted", "weak"): N_(
        "The machine's certificate has a key of only {bits} bits. Have the machine make one of 2048 or more."
    ),
    ("untrusted", "not_offered"): N_(
        "The machine does not offer {security} with Basic256Sha256 but: {offers}. Set that up on the machine, or "
        "correct security in the settings."
    ),
    ("untrusted", "ours"): N_(
        "The machine hangs up when Gadong shows its certificate. Trust this file on the machine: {file}"
    ),
    ("untrusted", "no_proof"): N_(
        "The machine showed the confirmed certificate but does not answer under it. Trust this file on the machine: "
        "{file}. If that does not help, another computer may pose as the machine."
    ),
    ("untrusted", "own"): N_(
        "Gadong's own certificate in {folder} cannot be used ({why}). Put that right, or move the folder away: a new "
        "one is made, which the machine must trust again."
    ),
    ("refused_login", "no_keyring"): N_(
        "This PC has no safe place for passwords. To keep it in a file that only this user can read, write "
        'password_from = "file" at the bus, then: main.py config password {bus}'
    ),
    ("refused_login", "keyring"): N_(
        "This PC's store of passwords does not open ({why}). Log in and unlock it, or write "
        'password_from = "file" at the bus.'
    ),
    ("refused_login", "no_password"): N_(
        "The password of {user} is not known here. Enter it: main.py config password {bus}"
    ),
    ("refused_login", "password_file"): N_("The file of passwords {file} cannot be used ({why})."),
    ("refused_login", "clear"): N_(
        "The machine wants the password unencrypted, so that anybody on the network can read it. It was not sent. Set "
        "security on the machine and at the bus, or allow it with clear_password = true."
    ),
    ("refused_login", "no_names"): N_(
        "The machine knows no users with passwords. Leave user out of the settings, or set users up on the machine."
    ),
}
#: what is told besides of a certificate that does not fit
CERTIFICATE_REMARKS = {
    "until": N_("It was valid until {until}."),
    "since": N_("It is valid from {since} on: check the clocks."),
    "made_for": N_("It is made out to {made_for}, which is not what the machine calls itself."),
}


class _Detail(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


def fault_sentence(kind: str, detail: Mapping[str, object]) -> str:
    """What happened to a device and what to do first; "" for no fault. `kind` and `detail` as the driver said them."""
    if not kind:
        return ""
    if kind not in FAULT_SENTENCES:
        return _("The device has trouble that this version cannot name ({kind}).").format(kind=kind)
    sentence = PROBLEM_SENTENCES.get((kind, str(detail.get("problem"))), FAULT_SENTENCES[kind])
    if isinstance(seconds := detail.get("seconds"), int | float):
        detail = {**detail, "time": minutes(round(seconds * 1000))}  # nobody reads 5,400 s
    said = [sentence, *(words for key, words in CERTIFICATE_REMARKS.items() if kind == "untrusted" and key in detail)]
    return " ".join(_(words).format_map(_Detail(detail)) for words in said)


def listening_words(now: Listened) -> tuple[str, str]:
    """Where listening for a baud rate stands, or what it came to: a head, and what to do or to know."""
    if now.status == "working":
        if not now.place:
            return _("The port is taken over"), ""
        head = _("Listening at {baud} Bd ({place} of {count})").format(baud=now.baud, place=now.place, count=now.count)
        if now.heard_bytes:
            return head, _("{count} bytes heard.").format(count=pieces(now.heard_bytes))
        return head, _("Let the device send something now: pull the trigger, press Print.")
    if now.status == "using":
        return _("Setting {baud} Bd {frame}").format(baud=now.baud, frame=now.frame), ""
    if now.status == "fits":
        return _("{baud} Bd {frame} fits").format(baud=now.baud, frame=now.frame), _("This was heard:")
    words = _("Nothing came. Check that the device is on and connected, and let it send at each baud rate.")
    if now.heard_bytes:
        words = _("What came is no text at any baud rate. Check the cable, and whether the device sends text.")
    return _("The baud rate cannot be told"), words


#: why a device's value is none, as drivers and presets write it
BAD_VALUES = (
    N_("no number"),
    N_("out of range"),
    N_("decimals unknown"),
    N_("unlikely step"),
    N_("sensor open"),
    N_("above the range"),
    N_("below the range"),
)


def bad_value_words(words: str) -> str:
    """Why there is no value: in the language in use where the words are ours, else as the configuration has them."""
    return _(words) if words in BAD_VALUES else words


#: what a driver notes beside a value or frame that is not ordinary
VALUE_NOTES = {
    "unparsed": N_("not understood"),
    "incomplete": N_("its end never came: check terminator"),
    "overlong": N_("longer than limit"),
    "duplicate": N_("the same once more"),
    "snapshot": "",  # the first one after connecting
    "unstable": N_("still moving"),
    "open_digits": N_("last digits not certified"),
    "unit": N_("in another unit"),
    "overload": N_("above the range"),
    "underload": N_("below the range"),
    "error": N_("the device has no value"),
}
#: what an OPC UA server says of a value or node, by the name of its status code
SERVER_WORDS = {
    "BadNodeIdUnknown": N_("the machine has no such node"),
    "BadNodeIdInvalid": N_("the machine takes no such node"),
    "BadAttributeIdInvalid": N_("the node has no value: it is no variable"),
    "BadNotReadable": N_("the node cannot be read"),
    "BadUserAccessDenied": N_("this login may not read the node"),
    "BadWaitingForInitialData": N_("the machine has no value yet"),
    "BadNotConnected": N_("the machine has no connection to the sensor"),
    "BadNoCommunication": N_("the machine has no connection to the sensor"),
    "BadDeviceFailure": N_("the machine says that a device failed"),
    "BadSensorFailure": N_("the machine says that the sensor failed"),
    "BadOutOfService": N_("the machine says that it is out of service"),
    "UncertainLastUsableValue": N_("the last value that the machine had"),
    "UncertainSensorNotAccurate": N_("the machine says that the sensor is not accurate"),
}


def value_note(note: str) -> str:
    """What a driver's note of a value means; "" where the value is an ordinary one."""
    return (_(VALUE_NOTES[note]) if VALUE_NOTES[note] else "") if note in VALUE_NOTES else bad_value_words(note)


def server_words(problem: str) -> str:
    """What an OPC UA server says of a value, with its own name for it: "the machine has no such node (Bad...)"."""
    return f"{_(SERVER_WORDS[problem])} ({problem})" if problem in SERVER_WORDS else problem


COLLECTOR_NOTES = {
    "not_storing": N_("Values cannot be stored at the moment. They are kept; check disk space and folder rights."),
    "held": N_(
        "The collector runs but stores nothing at the moment: the database is locked, the disk is full, or it is only "
        "just starting. What it reads is kept and stored later."
    ),
    "stopped": N_("The collector was stopped."),
}


def collector_note(note: str) -> str:
    """What the collector says of itself, as a sentence; "" for nothing to say, an unknown note as it is."""
    return _(COLLECTOR_NOTES[note]) if note in COLLECTOR_NOTES else note

"""`opcua` made safe to leave alone: a client that tells when it has died, and why.

The library connects and decodes well, but it never says that a link is lost and has several ways of
going silent for ever while it looks healthy. Each class here closes some of them:

- `TolerantConnection` keeps the keys of the last security tokens, because servers answer requests that
  they took before a renewal under the old token, and the library throws such answers away without
  asking for more. It also limits the bytes that a peer can make us hold.
- `GuardedSocket` ends at the first exception of its receive loop and closes the socket; the library
  either goes on with a broken stream or dies with the socket open.
- `GuardedUaClient` counts the publish requests that are out, and says so when they cannot go on.
- `Renewal`, the thread that renews the channel, is a daemon and ends quietly on a dead link.
- `Subscription` stamps every publish answer, also the empty ones: the only honest sign of life.

Importing this module imports `opcua` (see `opc_ua_library.py`): only `OpcUa.open` does it.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from drivers.opc_ua_library import load, status_name
from drivers.opc_ua_publish import Publish, Sample, read

load()


from opcua import Client, ua  # noqa: E402
from opcua.client import client as library_client  # noqa: E402
from opcua.client.ua_client import UaClient, UASocketClient  # noqa: E402
from opcua.common.connection import SecureConnection  # noqa: E402
from opcua.common.utils import SocketClosedException, SocketWrapper  # noqa: E402
from opcua.crypto import uacrypto  # noqa: E402
from opcua.crypto.security_policies import POLICY_NONE_URI, SecurityPolicyBasic256Sha256  # noqa: E402
from opcua.ua.ua_binary import header_from_binary, struct_from_binary  # noqa: E402
from opcua.ua.uaerrors import BadTimeout, BadTooManyPublishRequests, UaError, UaStatusCodeError  # noqa: E402

logger = logging.getLogger(__name__)

MESSAGE_LIMIT = 16 * 1024 * 1024
SESSION_TIMEOUT_MS = 300_000
CHANNEL_LIFE_MS = 3_600_000  # what is asked for; servers grant less, most of them ten minutes
PUBLISH_REQUESTS = 2
TOKENS_KEPT = 3
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  the library reckons in UTC without a zone

#: hears once that the link is useless: kind of fault ("link_lost" or "protocol") and reason
OnEnd = Callable[[str, str], None]


class TolerantConnection(SecureConnection):  # type: ignore[misc]
    """A secure channel that understands late messages under an earlier token and refuses huge ones.

    token 1   |---- messages ----|~~~~ late messages ~~~~|
    token 2                      |-- renewed --|---- messages ----
    keys      1                                2 (1 for the late ones)

    The keys of each token are made when it is granted: a channel may be renewed again before a message came under the
    token of before, and the nonces from which its keys come are overwritten then.
    """

    prev_security_token: Any

    def __init__(self, security_policy: Any) -> None:
        super().__init__(security_policy)
        self._tokens = threading.RLock()  # sending and receiving thread both change tokens
        self._remote_keys: dict[int, dict[str, Any]] = {}  # by token, the newest last
        self._until_ns: dict[int, int] = {}  # how long an earlier token is accepted
        self._held_bytes = 0

    def set_channel(self, params: Any, requestType: Any, clientNonce: bytes) -> None:  # noqa: N803
        with self._tokens:
            super().set_channel(params, requestType, clientNonce)
            token, crypto = params.SecurityToken, self.security_policy.symmetric_cryptography
            self.security_policy.make_remote_symmetric_key(self.local_nonce, self.remote_nonce)
            for earlier in self._remote_keys:
                self._until_ns.setdefault(earlier, time.monotonic_ns() + round(token.RevisedLifetime * 1_250_000))
            self._remote_keys.pop(token.TokenId, None)
            self._until_ns.pop(token.TokenId, None)
            self._remote_keys[token.TokenId] = {
                name: value for name, value in vars(crypto).items() if name in ("Verifier", "Decryptor")
            }
            for old in list(self._remote_keys)[:-TOKENS_KEPT]:
                del self._remote_keys[old], self._until_ns[old]

    def revolve_tokens(self) -> None:
        with self._tokens:
            if self.next_security_token.TokenId != 0:  # the other thread was quicker
                super().revolve_tokens()

    def _check_sym_header(self, securityHeader: Any) -> None:  # noqa: N803  the library's own name
        """Find the keys for a message by its token. The server's clock, often wrong, plays no part in it."""
        token_id = securityHeader.TokenId
        with self._tokens:
            keys, until_ns = self._remote_keys.get(token_id), self._until_ns.get(token_id)
            if keys is None or (until_ns is not None and time.monotonic_ns() > until_ns):
                raise UaError(f"message under the unknown security token {token_id}")
            if token_id == self.next_security_token.TokenId:
                self.revolve_tokens()
            vars(self.security_policy.symmetric_cryptography).update(keys)

    def receive_from_socket(self, socket: Any) -> Any:
        header = header_from_binary(socket)
        if not 0 <= header.body_size <= MESSAGE_LIMIT:
            raise UaError(f"a message of {header.body_size} bytes is over the limit of {MESSAGE_LIMIT}")
        return self.receive_from_header_and_body(header, ua.utils.Buffer(socket.read(header.body_size)))

    def _receive(self, msg: Any) -> Any:
        self._held_bytes += len(msg.Body)
        if self._held_bytes > MESSAGE_LIMIT:
            raise UaError(f"a message in parts is over the limit of {MESSAGE_LIMIT} bytes")
        message = super()._receive(msg)
        if not self._incoming_parts:
            self._held_bytes = 0
        return message


class GuardedSocket(UASocketClient):  # type: ignore[misc]
    """The receiving thread: a daemon that closes the socket and tells `on_end` why when it ends."""

    def __init__(self, timeout: float, security_policy: Any, on_end: OnEnd) -> None:
        super().__init__(timeout, security_policy)
        self._connection = TolerantConnection(security_policy)
        self._on_end = on_end

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="opcua-receive", daemon=True)
        self._thread.start()

    def connect_socket(self, host: str, port: int) -> None:
        plain = socket.create_connection((host, port), timeout=self.timeout)
        plain.settimeout(None)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # some servers dislike two frames in one packet
        self._socket = SocketWrapper(plain)
        self.start()

    @property
    def connected(self) -> bool:
        """Whether there ever was a connection."""
        return self._socket is not None

    def open_secure_channel(self, params: Any) -> Any:
        """As in the library, but a link that ends meanwhile ends the waiting too."""
        request = ua.OpenSecureChannelRequest()
        request.Parameters = params
        opened: Future[Any] = Future()

        def answered(future: Future[Any]) -> None:
            # in the receiving thread: the keys must be there before the next message
            try:
                response = struct_from_binary(ua.OpenSecureChannelResponse, future.result())
                response.ResponseHeader.ServiceResult.check()
                self._connection.set_channel(response.Parameters, params.RequestType, params.ClientNonce)
                opened.set_result(response.Parameters)
            except Exception as error:  # noqa: BLE001  raised where it is waited for
                opened.set_exception(error)

        self._send_request(request, message_type=ua.MessageType.SecureOpen, callback=answered)
        return opened.result(self.timeout)

    def abort(self) -> None:
        """Close the socket, whatever state it is in."""
        self._do_stop = True
        if not self.connected:
            return
        try:
            self._socket.socket.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            logger.debug("shutdown of a dead socket: %s", error)
        self._socket.socket.close()

    def join(self, limit_s: float) -> None:
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(limit_s)

    def _run(self) -> None:
        kind, reason = "link_lost", ""
        try:
            while not self._do_stop:
                self._receive()
        except SocketClosedException as error:
            cause = error.args[1] if len(error.args) > 1 else None
            reason = (cause.strerror if isinstance(cause, OSError) else None) or "closed by the server"
        except Exception as error:  # noqa: BLE001  whatever ended the loop, the link must not look alive
            kind, reason = "protocol", str(error) or type(error).__name__
            logger.info("the link is closed: %s: %s", type(error).__name__, error)
        finally:
            if reason and not self._do_stop:  # not what we did ourselves
                self._on_end(kind, reason)
            self._connection.close()
            self.abort()
            self._cancel_all_callbacks()

    def _receive(self) -> None:
        message = self._connection.receive_from_socket(self._socket)
        if message is None:
            return
        if isinstance(message, ua.Message):
            self._call_callback(message.request_id(), message.body())
        elif isinstance(message, ua.Acknowledge):
            self._call_callback(0, message)
        elif isinstance(message, ua.ErrorMessage):
            waiting = 0 in self._callbackmap  # the greeting is answered by an error
            if waiting:
                self._call_callback(0, UaStatusCodeError(message.Error.value))
            self._on_end("link_lost", status_name(message.Error.value))
            self._do_stop = True
        else:
            raise UaError(f"unexpected message {type(message).__name__}")

    def _cancel_all_callbacks(self) -> None:
        with self._lock:
            waiting = list(self._callbackmap.values())
            self._callbackmap.clear()
        for future in waiting:
            future.cancel()


class GuardedUaClient(UaClient):  # type: ignore[misc]
    """The services, with the publish requests accounted for. `on_end` gets one reason, once."""

    def __init__(self, timeout: float, on_end: OnEnd) -> None:
        super().__init__(timeout)
        self._on_end = on_end
        self._publish_lock = threading.Lock()
        self._publishes_out = 0
        self.abandoned = False

    def connect_socket(self, host: str, port: int) -> None:
        self._uasocket = GuardedSocket(self._timeout, self.security_policy, self._on_end)
        self._uasocket.connect_socket(host, port)
        if self.abandoned:  # the caller has given up meanwhile
            self._uasocket.abort()

    @property
    def connected(self) -> bool:
        """Whether there ever was a connection."""
        return self._uasocket is not None and self._uasocket.connected

    def abort(self) -> None:
        """Close the socket at once and for good."""
        self.abandoned = True
        if self._uasocket is not None:
            self._uasocket.abort()

    def join(self, limit_s: float) -> None:
        """Wait for the receiving thread to end."""
        if self._uasocket is not None:
            self._uasocket.join(limit_s)

    def create_subscription(self, params: Any, publish_callback: Any, ready_callback: Any = None) -> Any:
        """As in the library, but a refusal is raised instead of ending in a time-out."""
        request = ua.CreateSubscriptionRequest()
        request.Parameters = params
        data = self._uasocket.send_request(request)
        response = struct_from_binary(ua.CreateSubscriptionResponse, data)
        response.ResponseHeader.ServiceResult.check()
        self._publishcallbacks[response.Parameters.SubscriptionId] = publish_callback
        return response.Parameters

    def publish(self, acks: Any = None) -> None:
        with self._publish_lock:
            self._publishes_out += 1
        super().publish(acks)

    def _call_publish_callback(self, future: Future[Any]) -> None:
        """Handle one publish answer. A fault that ends the chain of requests ends the link, loudly."""
        with self._publish_lock:
            self._publishes_out -= 1
            others_out = self._publishes_out > 0
        try:
            data = future.result()
            answer = read(data.copy().read(len(data)))
            if answer is None:
                self._uasocket.check_answer(data, "to a publish request")
                answer = from_library(struct_from_binary(ua.PublishResponse, data).Parameters)
            callback = self._publishcallbacks[answer.subscription]
        except CancelledError:  # the link has ended
            return
        except BadTimeout:  # part 4, 7.28: nothing to say in that time
            self.publish()
            return
        except BadTooManyPublishRequests:
            if not others_out:
                self._on_end("link_lost", "BadTooManyPublishRequests")
            return
        except UaStatusCodeError as error:  # BadNoSubscription, BadSessionIdInvalid ...: nothing more will come
            self._on_end("link_lost", status_name(error.code))
            return
        except KeyError:  # an answer for a subscription that was given up
            self.publish()
            return
        except Exception as error:  # noqa: BLE001  an undecodable answer must not starve the subscription
            logger.warning("a publish answer cannot be read: %s: %s", type(error).__name__, error)
            for each in list(self._publishcallbacks.values()):
                each(None)
            self.publish()
            return
        callback(answer)


class Renewal(library_client.KeepAlive):  # type: ignore[misc]
    """Renews the secure channel in time. It keeps nothing alive that is dead, least of all this program."""

    def __init__(self, client: Any, timeout: float) -> None:
        super().__init__(client, timeout)
        self.name = "opcua-renewal"
        self.daemon = True

    def run(self) -> None:
        try:
            super().run()
        except (OSError, UaError, CancelledError) as error:
            logger.info("the channel is not renewed: %s: %s", type(error).__name__, error)


#: `Client.create_session` starts whatever bears this name in the library's module
library_client.KeepAlive = Renewal


class GuardedClient(Client):  # type: ignore[misc]
    """One session with one server. `confirm` hears the certificate to which a password would be encrypted."""

    def __init__(self, url: str, timeout: float, on_end: OnEnd, clear_password: bool = False) -> None:
        super().__init__(url, timeout)
        self.uaclient = GuardedUaClient(timeout, on_end)
        self.name = self.description = "Gadong"
        self.application_uri = "urn:gadong:client"
        self.product_uri = "urn:gadong"
        self.session_timeout = SESSION_TIMEOUT_MS
        self.secure_channel_timeout = CHANNEL_LIFE_MS
        self.max_messagesize = MESSAGE_LIMIT
        self.opened = False  # whether the secure channel stands
        self.confirm: Callable[[bytes], None] | None = None
        self._clear_password = clear_password
        self._policy_ids: list[Any] = []

    def secure(self, mode: str, server: bytes, own: bytes, key: Any, uri: str) -> None:
        """Use Basic256Sha256 with these certificates (DER); `uri` is the one in our own."""
        policy = SecurityPolicyBasic256Sha256(
            server, uacrypto.x509_from_der(own), key, getattr(ua.MessageSecurityMode, mode)
        )
        self.security_policy = policy
        self.application_uri = uri
        self.uaclient.set_security(policy)

    def open_secure_channel(self, renew: bool = False) -> None:
        super().open_secure_channel(renew)
        self.opened = True

    def create_session(self) -> Any:
        response = super().create_session()
        # of several ways to log in the library takes the first: the ones that encrypt the password come first
        self._policy_ids = sorted(self._policy_ids or [], key=self._is_clear)
        return response

    def _is_clear(self, policy: Any) -> bool:
        return (policy.SecurityPolicyUri or self.security_policy.URI) in ("", POLICY_NONE_URI)

    def _add_user_auth(self, params: Any, username: str, password: str) -> None:
        """Send name and password, in clear text only where a person allowed it: the server decides, not the library."""
        named = [policy for policy in self._policy_ids if policy.TokenType == ua.UserTokenType.UserName]
        if not named:
            raise UserNameRefusedError
        encrypting = self.security_policy.Mode == ua.MessageSecurityMode.SignAndEncrypt  # then the channel hides it
        if self._is_clear(named[0]):
            if not (self._clear_password or encrypting):
                raise ClearPasswordError
        elif self.confirm is not None:
            self.confirm(self.security_policy.server_certificate or b"")
        super()._add_user_auth(params, username, password)


def endpoint_with(endpoints: list[Any], mode: str) -> tuple[Any, list[str]]:
    """The endpoint with Basic256Sha256 and this mode, or None; and what the server offers, in words."""
    offers, found = [], None
    for each in endpoints:
        policy = (each.SecurityPolicyUri or "").rpartition("#")[2]
        if not (each.EndpointUrl or "").startswith("opc.tcp"):
            continue
        offers.append(f"{policy} {each.SecurityMode.name}".removesuffix(" None_"))
        wanted = (mode, SecurityPolicyBasic256Sha256.URI) if mode != "None" else ("None_", POLICY_NONE_URI)
        if (each.SecurityMode.name, each.SecurityPolicyUri) == wanted:
            found = found or each
    return found, list(dict.fromkeys(offers))


class ClearPasswordError(UaError):  # type: ignore[misc]
    """The server wants the password in clear text and nobody allowed that."""


class UserNameRefusedError(UaError):  # type: ignore[misc]
    """The server knows no users by name."""


class Subscription:
    """One subscription whose every publish answer is stamped, checked for gaps and asked for again.

    `on_values(samples, lost)` gets the values of one answer in the order of their source time, and how many answers
    are missing before it; `on_end` hears that the server has given the subscription up. Both are called by the
    receiving thread.
    """

    def __init__(
        self,
        client: GuardedUaClient,
        on_values: Callable[[list[Sample], int], None],
        on_end: OnEnd,
    ) -> None:
        self._client = client
        self._on_values = on_values
        self._on_end = on_end
        self._last_sequence = 0
        self.answered_ns = time.monotonic_ns()
        self.id = 0
        self.keepalive_s = 0.0
        self.interval_ms = 0.0  # in which the server publishes

    def create(self, publishing_ms: float, keepalive_s: float) -> None:
        """Create it so that an answer comes at least every `keepalive_s`, as far as the server agrees."""
        revised = self._create(publishing_ms, keepalive_s)
        interval_ms = revised.RevisedPublishingInterval
        self.keepalive_s = interval_ms * revised.RevisedMaxKeepAliveCount / 1000
        if interval_ms > publishing_ms and self.keepalive_s > 1.2 * keepalive_s:
            # the server publishes more slowly than asked: count the keep-alive in its own beat
            self._client.delete_subscriptions([revised.SubscriptionId])
            revised = self._create(interval_ms, keepalive_s)
            self.keepalive_s = revised.RevisedPublishingInterval * revised.RevisedMaxKeepAliveCount / 1000
        self.interval_ms = revised.RevisedPublishingInterval
        self.id = revised.SubscriptionId
        self.answered_ns = time.monotonic_ns()
        for _ in range(PUBLISH_REQUESTS):
            self._client.publish()

    def create_items(self, requests: list[Any]) -> list[Any]:
        """Create monitored items. Returns the server's result for each, with revised sampling and queue."""
        params = ua.CreateMonitoredItemsParameters()
        params.SubscriptionId = self.id
        params.ItemsToCreate = requests
        params.TimestampsToReturn = ua.TimestampsToReturn.Both
        results: list[Any] = self._client.create_monitored_items(params)
        return results

    def _create(self, publishing_ms: float, keepalive_s: float) -> Any:
        params = ua.CreateSubscriptionParameters()
        params.RequestedPublishingInterval = float(publishing_ms)
        params.RequestedMaxKeepAliveCount = max(1, int(keepalive_s * 1000 / publishing_ms))
        params.RequestedLifetimeCount = 10 * params.RequestedMaxKeepAliveCount
        params.MaxNotificationsPerPublish = 0
        params.PublishingEnabled = True
        params.Priority = 0
        return self._client.create_subscription(params, self._answered)

    def _answered(self, answer: Publish | None) -> None:
        self.answered_ns = time.monotonic_ns()
        acks = []
        try:
            if answer is None:  # an answer came that nobody could read
                self._on_values([], 1)
                return
            if answer.has_data:
                ack = ua.SubscriptionAcknowledgement()
                ack.SubscriptionId = answer.subscription
                ack.SequenceNumber = answer.sequence
                acks.append(ack)
                self._deliver(answer)
        finally:
            if answer is not None:
                self._client.publish(acks)

    def _deliver(self, answer: Publish) -> None:
        sequence, expected = answer.sequence, self._last_sequence + 1
        self._last_sequence = sequence
        # numbers start at 1 and wrap to 1; only a jump forward says that something is missing
        lost = sequence - expected if expected > 1 and sequence > expected else 0
        if answer.ended:
            self._on_end("link_lost", answer.ended)
        samples = answer.samples
        if all(sample[3] is not None for sample in samples):
            samples.sort(key=_SOURCE)  # servers put the values in order of items
        if samples or lost:
            self._on_values(samples, lost)


_SOURCE = itemgetter(3)


def from_library(result: Any) -> Publish:
    """What `opc_ua_publish.read` leaves to the library, in the same form."""
    message = result.NotificationMessage
    samples: list[Sample] = []
    ended = ""
    for part in message.NotificationData or ():
        if isinstance(part, ua.DataChangeNotification):
            samples += [(item.ClientHandle, *_sample(item.Value)) for item in part.MonitoredItems or ()]
        elif isinstance(part, ua.StatusChangeNotification):
            ended = status_name(part.Status.value)
    return Publish(result.SubscriptionId, message.SequenceNumber, samples, bool(message.NotificationData), ended)


def _sample(data: Any) -> tuple[object, int, int | None, int | None]:
    value = data.Value.Value if data.Value is not None else None
    status = data.StatusCode.value if data.StatusCode is not None else 0
    return value, status, _time_us(data.SourceTimestamp), _time_us(data.ServerTimestamp)


def _time_us(stamp: datetime | None) -> int | None:
    if stamp is None or not 1970 <= stamp.year < 9999:  # the ends of FILETIME's range mean "no time" too
        return None
    return (stamp - EPOCH) // timedelta(microseconds=1)

"""A machine's OPC UA server that costs next to nothing: fixed answers, and packed publish answers at their moments.

python -m tests.bench.opc_ua_wire TAGS PER_SECOND SECONDS: prints its address; serves one client; each tag counts up,
PER_SECOND times a second, spread evenly over the publishing interval. Prints at the end how many values it sent.
"""

from __future__ import annotations

import socket
import struct
import sys
import threading
import time
from typing import Any

from opcua import ua
from opcua.common.connection import SecureConnection
from opcua.common.utils import SocketWrapper
from opcua.ua.ua_binary import (
    header_from_binary,
    nodeid_from_binary,
    struct_from_binary,
    struct_to_binary,
    uatcp_to_binary,
)

PUBLISHING_S = 0.1
EPOCH = 116_444_736_000_000_000  # 100 ns from 1601 to 1970
ITEM = struct.Struct("<IBBdqq")


class Wire:
    """One client's connection."""

    def __init__(self, caller: socket.socket, tags: int, per_second: float, seconds: float) -> None:
        self.caller, self.tags, self.per_second, self.seconds = caller, tags, per_second, seconds
        self.connection = SecureConnection(ua.SecurityPolicy())
        self.lock = threading.Lock()
        self.requests: list[tuple[int, int]] = []  # publish requests that wait: request id, handle
        self.came = threading.Semaphore(0)
        self.items: list[int] = []
        self.sent = 0

    def serve(self) -> None:
        """Answer until the client goes."""
        wrapped = SocketWrapper(self.caller)
        while True:
            header = header_from_binary(wrapped)
            body = ua.utils.Buffer(wrapped.read(header.body_size))
            message = self.connection.receive_from_header_and_body(header, body)
            if isinstance(message, ua.Hello):
                self.caller.sendall(uatcp_to_binary(ua.MessageType.Acknowledge, ua.Acknowledge()))
            elif message is not None:
                self._answer(header.MessageType, message)

    def _answer(self, kind: Any, message: Any) -> None:
        body = message.body()
        type_id = nodeid_from_binary(body)
        header = struct_from_binary(ua.RequestHeader, body)
        name = {value: key for key, value in vars(ua.ObjectIds).items() if key.endswith("_Encoding_DefaultBinary")}[
            type_id.Identifier
        ].removesuffix("Request_Encoding_DefaultBinary")
        if name == "Publish":
            with self.lock:
                self.requests.append((message.request_id(), header.RequestHandle))
            self.came.release()
            return
        response = getattr(ua, f"{name}Response")()
        response.ResponseHeader.RequestHandle = header.RequestHandle
        if name == "OpenSecureChannel":
            params = struct_from_binary(ua.OpenSecureChannelParameters, body)
            response.Parameters = self.connection.open(params, self)
        elif name == "CreateSession":
            response.Parameters.SessionId = response.Parameters.AuthenticationToken = ua.NodeId(1, 1)
            response.Parameters.RevisedSessionTimeout = 600_000
            endpoint = ua.EndpointDescription()
            endpoint.EndpointUrl = "opc.tcp://127.0.0.1"
            endpoint.SecurityPolicyUri = "http://opcfoundation.org/UA/SecurityPolicy#None"
            endpoint.SecurityMode = ua.MessageSecurityMode.None_
            response.Parameters.ServerEndpoints = [endpoint]
        elif name == "CreateSubscription":
            response.Parameters.SubscriptionId = 1
            response.Parameters.RevisedPublishingInterval = PUBLISHING_S * 1000
            response.Parameters.RevisedLifetimeCount, response.Parameters.RevisedMaxKeepAliveCount = 500, 50
        elif name == "CreateMonitoredItems":
            params = struct_from_binary(ua.CreateMonitoredItemsParameters, body)
            for item in params.ItemsToCreate:
                result = ua.MonitoredItemCreateResult()
                self.items.append(item.RequestedParameters.ClientHandle)
                result.MonitoredItemId = len(self.items)
                result.RevisedSamplingInterval, result.RevisedQueueSize = 0, item.RequestedParameters.QueueSize
                response.Results.append(result)
            if len(self.items) == self.tags:
                threading.Thread(target=self._publish, daemon=True).start()
        with self.lock:
            self.caller.sendall(
                self.connection.message_to_binary(struct_to_binary(response), kind, message.request_id())
            )

    def get_new_channel_id(self) -> int:
        return 1

    def _publish(self) -> None:
        """Every interval what is due since the last one, in the order of time."""
        time.sleep(0.3)
        began = done = time.time()
        step_s, due = 1 / (self.per_second * self.tags), 0
        while done < began + self.seconds:
            done += PUBLISHING_S
            time.sleep(max(0.0, done - time.time()))
            values = []
            while due * step_s <= done - began:
                ticks = EPOCH + int((began + due * step_s) * 10_000_000)
                values.append(ITEM.pack(self.items[due % self.tags], 0x0D, 11, float(due // self.tags), ticks, ticks))
                due += 1
            self.came.acquire()
            with self.lock:
                request, handle = self.requests.pop(0)
                self._send(request, handle, values)
            self.sent += len(values)
        print(self.sent, flush=True)

    def _send(self, request: int, handle: int, values: list[bytes]) -> None:
        self.number = getattr(self, "number", 0) + 1
        change = struct.pack("<i", len(values)) + b"".join(values) + struct.pack("<i", -1)
        body = b"".join(
            (
                b"\x01\x00\x3d\x03", struct.pack("<qIIBi", EPOCH, handle, 0, 0, -1), b"\0\0\0",
                struct.pack("<Iii?", 1, 1, self.number, False),
                struct.pack("<IQi", self.number, EPOCH, 1), b"\x01\x00\x2b\x03\x01",
                struct.pack("<i", len(change)), change,
                struct.pack("<iIi", 1, 0, -1),
            )
        )  # fmt: skip
        self.caller.sendall(self.connection.message_to_binary(body, ua.MessageType.SecureMessage, request))


def main() -> None:
    tags, per_second, seconds = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"opc.tcp://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        caller, _ = listener.accept()
    with caller:
        try:
            Wire(caller, tags, per_second, seconds).serve()
        except Exception:  # noqa: BLE001  the client has gone
            return


if __name__ == "__main__":
    main()

"""What a server is asked: for the values of variables, and for nodes and their names. Nothing here changes anything.

Importing this module imports `opcua` (see `opc_ua_library.py`).
"""

from __future__ import annotations

from typing import Any

from drivers.opc_ua_address import node_parts
from drivers.opc_ua_library import load

load()

from opcua import ua  # noqa: E402
from opcua.client.ua_client import UaClient  # noqa: E402


def node_id(text: str, namespaces: list[str]) -> Any:
    """The node of "nsu=urn:x;s=Name" or "ns=2;i=7" (part 6, 5.3.1.10). Raises ValueError with the reason.

    An address by namespace URI holds when the server changes the order of its namespaces.
    """
    uri, index, identifier = node_parts(text)
    if uri:
        if uri not in namespaces:
            raise ValueError(f"the server has no namespace {uri}")
        index = namespaces.index(uri)
    return ua.NodeId(identifier, index)


def namespaces_of(client: UaClient) -> list[str]:
    """The namespaces of a server; their places in it are the numbers in its nodes."""
    params = ua.ReadParameters()
    wanted = ua.ReadValueId()
    wanted.NodeId = ua.NodeId(ua.ObjectIds.Server_NamespaceArray)
    wanted.AttributeId = ua.AttributeIds.Value
    params.NodesToRead.append(wanted)
    [answer] = client.read(params)
    return list(answer.Value.Value or [])


def item_request(node: Any, handle: int, sampling_ms: float, queue: int, trigger: str) -> Any:
    """The request for one monitored value. `trigger` "time": a new source time is news even for an equal value."""
    target = ua.ReadValueId()
    target.NodeId = node
    target.AttributeId = ua.AttributeIds.Value
    wanted = ua.MonitoringParameters()
    wanted.ClientHandle = handle
    wanted.SamplingInterval = float(sampling_ms)
    wanted.QueueSize = queue
    wanted.DiscardOldest = True
    if trigger == "time":
        wanted.Filter = ua.DataChangeFilter()
        wanted.Filter.Trigger = ua.DataChangeTrigger.StatusValueTimestamp
        wanted.Filter.DeadbandType = 0
        wanted.Filter.DeadbandValue = 0.0
    request = ua.MonitoredItemCreateRequest()
    request.ItemToMonitor = target
    request.MonitoringMode = ua.MonitoringMode.Reporting
    request.RequestedParameters = wanted
    return request


def browse_path(start: Any, names: tuple[str, ...]) -> Any:
    """The question for the node at the end of these names, all of the OPC UA namespace, from a node on."""
    path = ua.BrowsePath()
    path.StartingNode = start
    for name in names:
        element = ua.RelativePathElement()
        element.ReferenceTypeId = ua.NodeId(ua.ObjectIds.HierarchicalReferences)
        element.IsInverse, element.IncludeSubtypes = False, True
        element.TargetName = ua.QualifiedName(name, 0)
        path.RelativePath.Elements.append(element)
    return path


def browse_name(client: UaClient, node: tuple[int, Any]) -> str:
    """The browse name of a node, which no language changes; "" where the server does not know it."""
    params = ua.ReadParameters()
    wanted = ua.ReadValueId()
    wanted.NodeId = ua.NodeId(node[1], node[0])
    wanted.AttributeId = ua.AttributeIds.BrowseName
    params.NodesToRead.append(wanted)
    [answer] = client.read(params)
    named = answer.Value.Value if answer.StatusCode is None or answer.StatusCode.is_good() else None
    return getattr(named, "Name", None) or ""

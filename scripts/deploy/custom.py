"""What operators beside Kubernetes accept: ServiceMonitor, PrometheusRule, ScaledObject.

Written by hand after the definitions of prometheus-operator 0.84 and KEDA 2: the keys that a chart may sensibly use, and
no others, so that an unknown key fails here instead of being dropped by a cluster."""

import jsonschema

TEXT, COUNT, SWITCH = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
NAMES = {"type": "array", "items": TEXT}
MAP = {"type": "object", "additionalProperties": TEXT}
DURATION = {"type": "string", "minLength": 1, "pattern": "^(0|([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$"}


def record(*required, **keys):
    return {"type": "object", "properties": keys, "required": list(required), "additionalProperties": False}


def several(item):
    return {"type": "array", "items": item}


METADATA = record("name", name=TEXT, namespace=TEXT, labels=MAP, annotations=MAP)
ACTIONS = "replace keep drop hashmod labelmap labeldrop labelkeep lowercase uppercase keepequal dropequal".split()
RELABELING = record(
    sourceLabels=NAMES, separator=TEXT, targetLabel=TEXT, regex=TEXT, modulus=COUNT, replacement=TEXT,
    action={"enum": ACTIONS})  # fmt: skip
REQUIREMENT = record("key", "operator", key=TEXT, operator=TEXT, values=NAMES)
SELECTOR = record(matchLabels=MAP, matchExpressions=several(REQUIREMENT))

MONITOR = record(
    "selector", "endpoints",
    selector=SELECTOR, namespaceSelector=record(any=SWITCH, matchNames=NAMES), jobLabel=TEXT,
    targetLabels=NAMES, podTargetLabels=NAMES, sampleLimit=COUNT, labelLimit=COUNT,
    endpoints=several(record(
        port=TEXT, path=TEXT, scheme={"enum": ["http", "https"]}, interval=DURATION, scrapeTimeout=DURATION,
        honorLabels=SWITCH, honorTimestamps=SWITCH, relabelings=several(RELABELING),
        metricRelabelings=several(RELABELING))))  # fmt: skip

RULE = record("expr", alert=TEXT, record=TEXT, expr={"type": ["string", "integer"]}, labels=MAP, annotations=MAP,
              keep_firing_for=DURATION, **{"for": DURATION})  # fmt: skip
RULES = record(groups=several(record(
    "name", name=TEXT, interval=DURATION, limit=COUNT, labels=MAP, query_offset=DURATION,
    rules=several(RULE))))  # fmt: skip

POLICY = record("type", "value", "periodSeconds", type={"enum": ["Pods", "Percent"]}, value=COUNT,
                periodSeconds={"type": "integer", "minimum": 1, "maximum": 1800})  # fmt: skip
DIRECTION = record(selectPolicy={"enum": ["Max", "Min", "Disabled"]}, policies=several(POLICY),
                   stabilizationWindowSeconds={"type": "integer", "minimum": 0, "maximum": 3600})  # fmt: skip
SCALED = record(
    "scaleTargetRef", "triggers",
    scaleTargetRef=record("name", name=TEXT, kind=TEXT, apiVersion=TEXT, envSourceContainerName=TEXT),
    minReplicaCount=COUNT, maxReplicaCount=COUNT, idleReplicaCount=COUNT, pollingInterval=COUNT, cooldownPeriod=COUNT,
    fallback=record("failureThreshold", "replicas", failureThreshold=COUNT, replicas=COUNT),
    advanced=record(
        restoreToOriginalReplicaCount=SWITCH,
        horizontalPodAutoscalerConfig=record(behavior=record(scaleUp=DIRECTION, scaleDown=DIRECTION))),
    triggers=several(record(
        "type", "metadata", type=TEXT, name=TEXT, metadata=MAP, authenticationRef=record("name", name=TEXT, kind=TEXT),
        metricType={"enum": ["Value", "AverageValue", "Utilization"]})))  # fmt: skip

KINDS = {
    ("monitoring.coreos.com/v1", "ServiceMonitor"): MONITOR,
    ("monitoring.coreos.com/v1", "PrometheusRule"): RULES,
    ("keda.sh/v1alpha1", "ScaledObject"): SCALED,
}


def is_custom(item):
    return (item["apiVersion"], item["kind"]) in KINDS


def validate(item):
    spec = KINDS[item["apiVersion"], item["kind"]]
    whole = record("apiVersion", "kind", "metadata", "spec", apiVersion=TEXT, kind=TEXT, metadata=METADATA, spec=spec)
    jsonschema.Draft7Validator(whole).validate(item)

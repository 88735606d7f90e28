"""The files for a cluster: what can be checked of them without one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from kb.backends import fault_of
from kb.cli.app import app
from kb.config import PREFIX, Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
COMPOSE = DEPLOY / "cluster" / "compose.yaml"
#: Variables of the program that are no settings.
OTHERS = {"POLICYKB_HOME", "POLICYKB_SERVER", "POLICYKB_SERVER_KEY"}
VERSION = "1.34"


def documents(path: Path) -> list[dict[str, Any]]:
    return [each for each in yaml.safe_load_all(path.read_text("utf-8")) if each]


def manifests() -> list[dict[str, Any]]:
    listed = documents(KUBERNETES / "kustomization.yaml")[0]["resources"]
    return [each for name in listed for each in documents(KUBERNETES / name)]


def templates() -> Iterator[tuple[str, dict[str, Any]]]:
    for each in manifests():
        if "template" in each.get("spec", {}):
            yield each["metadata"]["name"], each["spec"]["template"]


def containers() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, template in templates():
        for container in template["spec"]["containers"]:
            yield name, container


def services() -> dict[str, Any]:
    found: dict[str, Any] = documents(COMPOSE)[0]["services"]
    return found


def test_yaml_is_tidy() -> None:
    pytest.importorskip("yamllint", reason="yamllint is missing: pip install '.[dev]'")
    from yamllint import linter
    from yamllint.config import YamlLintConfig

    config = YamlLintConfig((DEPLOY / ".yamllint").read_text("utf-8"))
    problems = {
        f"{path.relative_to(DEPLOY)}:{problem}"
        for path in DEPLOY.rglob("*.yaml")
        for problem in linter.run(path.read_text("utf-8"), config)
    }
    assert problems == set()


def test_kubernetes_takes_every_object() -> None:
    validate = pytest.importorskip(
        "kubernetes_validate", reason="kubernetes-validate is missing: pip install '.[dev]'"
    )
    for each in manifests():
        validate.validate(each, VERSION, strict=True)


def test_every_file_of_the_manifests_is_applied() -> None:
    listed = set(documents(KUBERNETES / "kustomization.yaml")[0]["resources"])
    assert listed == {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}


@pytest.mark.parametrize(("name", "container"), list(containers()))
def test_every_container_is_bounded_and_harmless(name: str, container: dict[str, Any]) -> None:
    for kind in ("requests", "limits"):
        assert set(container["resources"][kind]) == {"cpu", "memory"}
    security = container["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert ":" in container["image"] or container["image"] == "policykb"
    assert not container["image"].endswith(":latest")
    if name != "buckets":
        assert "livenessProbe" in container
    if "ports" in container:
        assert "readinessProbe" in container


@pytest.mark.parametrize(("name", "template"), list(templates()))
def test_no_pod_runs_as_root_or_may_ask_the_cluster(name: str, template: dict[str, Any]) -> None:
    pod = template["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["automountServiceAccountToken"] is False
    mounted = {volume["name"] for volume in pod.get("volumes", ())}
    [controller] = [
        each
        for each in manifests()
        if each["metadata"]["name"] == name and "template" in each.get("spec", {})
    ]
    claims = controller["spec"].get("volumeClaimTemplates", ())
    mounted |= {claim["metadata"]["name"] for claim in claims}
    for container in pod["containers"]:
        assert {mount["name"] for mount in container.get("volumeMounts", ())} <= mounted


def test_no_secret_is_written_down() -> None:
    for name, container in containers():
        for variable in container.get("env", ()):
            secret = re.search(r"PASSWORD|SECRET|KEY|STORE|_USER$", variable["name"])
            if secret and variable["name"] != "POSTGRES_USER":
                assert "valueFrom" in variable, (name, variable["name"])
    assert all(each["kind"] != "Secret" for each in manifests())
    text = COMPOSE.read_text("utf-8")
    for line in re.findall(r"^.*(?:PASSWORD|SECRET|_KEY).*$", text, re.M):
        assert "${" in line or "$$" in line or line.lstrip().startswith("#"), line


def test_names_and_ports_agree() -> None:
    ports: dict[str, dict[str, int]] = {}
    for name, container in containers():
        for port in container.get("ports", ()):
            ports.setdefault(name, {})[port["name"]] = port["containerPort"]
    for each in manifests():
        if each["kind"] == "Service":
            name = each["metadata"]["name"]
            assert each["spec"]["selector"] == {"app.kubernetes.io/name": name}
            for port in each["spec"]["ports"]:
                assert ports[name][port["targetPort"]] == port["port"]
    known = {each["metadata"]["name"] for each in manifests() if each["kind"] == "Service"}
    [settings] = [each for each in manifests() if each["kind"] == "ConfigMap"]
    named = " ".join(settings["data"].values())
    for host, port in re.findall(r"(?:://|@)([a-z-]+):(\d+)", named):
        assert host in known
        assert int(port) in ports[host].values()


def test_network_policies_name_pods_there_are() -> None:
    pods = {name for name, _ in templates()}
    for each in manifests():
        if each["kind"] != "NetworkPolicy":
            continue
        text = str(each["spec"])
        for name in re.findall(r"'app.kubernetes.io/name': '([a-z-]+)'", text):
            assert name in pods, each["metadata"]["name"]


def environments() -> Iterator[dict[str, str]]:
    yield {k: str(v) for k, v in documents(COMPOSE)[0]["x-settings"].items()}
    [settings] = [each for each in manifests() if each["kind"] == "ConfigMap"]
    yield settings["data"]


@pytest.mark.parametrize("environment", list(environments()), ids=["compose", "kubernetes"])
def test_settings_are_ones_there_are(environment: dict[str, str]) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.__dataclass_fields__} | OTHERS
    for name, value in environment.items():
        if name.startswith(PREFIX):
            assert name in known
            setting = name.removeprefix(PREFIX).lower()
            plain = re.sub(r"\$\{\w+[^}]*\}", "secret", value)
            assert fault_of(setting, plain) is None, (name, value)


def commands() -> Iterator[list[str]]:
    for service in services().values():
        yield [str(word) for word in service.get("command", ())]
    for _, container in containers():
        yield [str(word) for word in container.get("args", ())]


def test_commands_use_options_there_are() -> None:
    group = get_command(app)
    seen = set()
    for command in commands():
        if command[:1] != ["policykb"]:
            continue
        seen.add(command[1])
        options = {
            option
            for parameter in group.commands[command[1]].params  # type: ignore[attr-defined]
            for option in parameter.opts
        }
        assert {word for word in command if word.startswith("--")} <= options
    assert seen == {"serve", "ui"}


def test_the_containers_of_the_compose_file_fit_together() -> None:
    whole = documents(COMPOSE)[0]
    found = services()
    assert [name for name, each in found.items() if "ports" in each] == ["ui", "web"]
    assert found["ui"]["ports"][0].startswith("127.0.0.1:")
    assert all("mem_limit" in each for each in found.values())
    mounts = {volume.split(":")[0] for each in found.values() for volume in each.get("volumes", ())}
    assert {name for name in mounts if not name.startswith(".")} == set(whole["volumes"])
    assert (COMPOSE.parent / "../nginx.conf").exists()
    for name, each in found.items():
        for needed in each.get("depends_on", {}):
            assert needed in found, name
    named = " ".join(str(value) for value in whole["x-settings"].values())
    assert set(re.findall(r"(?:://|@)([a-z-]+):\d+", named)) - {"policykb"} <= set(found)
    variables = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text("utf-8")))
    given = (COMPOSE.parent / "env.example").read_text("utf-8")
    assert variables == set(re.findall(r"^(\w+)=", given, re.M))


def patched(found: dict[str, Any], operation: dict[str, str]) -> None:
    """Do as a JSON patch says, of what kustomize knows the part that is used here."""
    *path, last = (
        step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]
    )
    place: Any = found
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
    assert operation["op"] in {"add", "replace"}
    if isinstance(place, list):
        assert last == "-"
        place.append(operation["value"])
    else:
        assert (last in place) == (operation["op"] == "replace")
        place[last] = operation["value"]


def test_workers_with_gpus_are_ones_kubernetes_takes() -> None:
    validate = pytest.importorskip(
        "kubernetes_validate", reason="kubernetes-validate is missing: pip install '.[dev]'"
    )
    [overlay] = documents(KUBERNETES / "gpu" / "kustomization.yaml")
    assert overlay["resources"] == [".."]
    [change] = overlay["patches"]
    target = change["target"]
    [worker] = [
        each
        for each in manifests()
        if (each["kind"], each["metadata"]["name"]) == (target["kind"], target["name"])
    ]
    for operation in yaml.safe_load(change["patch"]):
        patched(worker, operation)
    validate.validate(worker, VERSION, strict=True)
    [container] = worker["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert container["args"][-1] == "--num-gpus=1"
    assert container["image"].endswith(":cluster-gpu")


def test_the_compose_file_has_a_worker_with_a_gpu_for_who_wants_one() -> None:
    worker = services()["ray-gpu"]
    assert worker["profiles"] == ["gpu"]
    assert "--num-gpus=1" in worker["command"]
    [device] = worker["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]
    declared = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert all(f"ARG {name}=" in declared for name in worker["build"]["args"])


def test_ray_is_started_as_the_setting_names_it() -> None:
    for command in commands():
        if "--head" in command:
            assert "--ray-client-server-port=10001" in command
            assert "--num-cpus=0" in command

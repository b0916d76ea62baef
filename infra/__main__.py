"""Atlas's machines: settings in, five components, outputs by contract."""

from __future__ import annotations

import pulumi
import pulumi_docker as docker
from pulumi.runtime import config as configuration

from atlas_infra.checks import NAMESPACE, SettingsError, load
from atlas_infra.components.marquez import Marquez
from atlas_infra.components.network import Network
from atlas_infra.components.object_store import ObjectStore
from atlas_infra.components.postgres import Postgres
from atlas_infra.components.redis import Redis
from atlas_infra.outputs import exports
from atlas_infra.secrets import SECRETS
from atlas_infra.site import Site


def main() -> None:
    """Declare the stack."""
    stack = pulumi.get_stack()
    prefix = f"{NAMESPACE}:"
    given = {
        key.removeprefix(prefix): text for key, text in configuration.CONFIG.get().items() if key.startswith(prefix)
    }
    try:
        settings = load(stack, given, {key for key in given if configuration.is_config_secret(prefix + key)})
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
    config = pulumi.Config(NAMESPACE)
    site = Site(stack, settings, {s.key: config.require_secret(s.key) for s in SECRETS if s.key in given})

    options = pulumi.ResourceOptions()
    if settings.docker.host is not None:
        options.providers = [docker.Provider("engine", host=settings.docker.host)]
    network = Network("network", site, options).network_name
    postgres = Postgres("postgres", settings.postgres, site, network, options)
    redis = Redis("redis", settings.redis, site, network, options)
    object_store = ObjectStore("object-store", settings.object_store, site, network, options)
    marquez = Marquez("marquez", settings.marquez, site, network, postgres, options)
    for name, value in exports(postgres, redis, object_store, marquez).items():
        pulumi.export(name, value)


main()

"""The shape of the policy file: which key holds which kind of value, by cattrs and the dataclasses.

A key is the camelCase name of its field. A null counts as not given, as in the Kubernetes API.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, get_origin

from cattrs import (
    BaseConverter,
    BaseValidationError,
    ClassValidationError,
    Converter,
)
from cattrs.cols import homogenous_tuple_structure_factory
from cattrs.gen import make_dict_structure_fn, override

from webhook.domain.policy.profile import Headroom, Profile
from webhook.domain.policy.settings import (
    AnnotationBounds,
    EvictionPolicy,
    ImageFamily,
    Images,
    NamespaceSettings,
    Policy,
    Rule,
)
from webhook.policyfile.problems import TOP_LEVEL_SETTINGS, problems_in
from webhook.policyfile.values import camel, shown, to_bytes, to_choice, to_flag, to_share, to_text

Hook = Callable[[Any, Any], Any]


def structure_policy(content: object) -> tuple[Policy | None, tuple[str, ...]]:
    """Give the policy that a file's content stands for, or None and every problem with its path."""
    try:
        return _CONVERTER.structure(content, Policy), ()
    except (BaseValidationError, ValueError) as error:
        return None, tuple(problems_in(error))


def _given(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a mapping, not {shown(value)}")  # noqa: TRY004 - for cattrs
    return {key: item for key, item in value.items() if item is not None}


def _tuple_hook(cls: type, converter: BaseConverter) -> Hook:
    inner = homogenous_tuple_structure_factory(cls, converter)

    def structure(value: object, _: object) -> object:
        if not isinstance(value, list):
            raise ValueError(f"must be a list, not {shown(value)}")  # noqa: TRY004 - for cattrs
        return inner(value, cls)

    return structure


def _class_hook(cls: type, converter: Converter) -> Hook:
    inner: Hook = make_dict_structure_fn(cls, converter, **_names(cls))
    return lambda value, _: inner(_given(value), cls)


def _settings_hook(cls: type, converter: Converter) -> Hook:
    """Let settings that say `noeviction`, and nothing of durable data, say it of that too."""
    inner = _class_hook(cls, converter)

    def structure(value: object, _: object) -> object:
        given = dict(_given(value))
        if given.get("evictionPolicy") == EvictionPolicy.NOEVICTION:
            given.setdefault("durableEvictionPolicy", EvictionPolicy.NOEVICTION.value)
        return inner(given, cls)

    return structure


def _names(cls: type) -> dict[str, Any]:
    return {field.name: override(rename=camel(field.name)) for field in fields(cls)}


def _headroom_hook(converter: Converter) -> Hook:
    """Let a profile that is given in part keep its own defaults for the rest."""
    inner = _class_hook(Headroom, converter)
    share = f"{Headroom().persistent.share * 100}%"

    def structure(value: object, _: object) -> Headroom:
        given = dict(_given(value))
        if isinstance(given.get("persistent"), dict):
            given["persistent"] = {"share": share, **_given(given["persistent"])}
        headroom: Headroom = inner(given, Headroom)
        return headroom

    return structure


def _labels(value: object, _: object) -> Mapping[str, str]:
    """Give the labels that a rule asks for; a value is a text, also an empty one."""
    given = _given(value)
    for key, item in given.items():
        if not isinstance(item, str):
            raise ValueError(f"{shown(key)} must be a string, not {shown(item)}")  # noqa: TRY004 - for cattrs
    return {to_text(key, str): str(item) for key, item in given.items()}


def _inherited(given: Mapping[str, object]) -> Mapping[str, object]:
    """Let a rule's headroom say only what differs from the top level's."""
    top, rules = given.get("headroom"), given.get("rules")
    if not isinstance(top, Mapping) or not isinstance(rules, list):
        return given
    return {**given, "rules": [_with_headroom(rule, top) for rule in rules]}


def _with_headroom(rule: object, top: Mapping[str, object]) -> object:
    own = rule.get("headroom") if isinstance(rule, Mapping) else None
    if not isinstance(rule, Mapping) or not isinstance(own, Mapping):
        return rule
    merged = {**_given(top), **_given(own)}
    for name in ("cache", "persistent"):
        wide, narrow = top.get(name), own.get(name)
        if isinstance(wide, Mapping) and isinstance(narrow, Mapping):
            merged[name] = {**_given(wide), **_given(narrow)}
    return {**rule, "headroom": merged}


def _policy_hook(converter: Converter) -> Hook:
    """Let the default settings stand at the top level of the file, beside the sections."""
    names = {**_names(Policy), "defaults": override(omit=True)}
    inner = make_dict_structure_fn(Policy, converter, **names)

    def structure(value: object, _: object) -> Policy:
        given = _inherited(_given(value))
        settings = {key: item for key, item in given.items() if key in TOP_LEVEL_SETTINGS}
        sections = {key: item for key, item in given.items() if key not in settings}
        failed: list[Exception] = []
        defaults, policy = NamespaceSettings(), Policy()
        try:
            defaults = converter.structure(settings, NamespaceSettings)
        except ClassValidationError as error:
            failed.extend(error.exceptions)
        try:
            policy = inner(sections, Policy)
        except ClassValidationError as error:
            failed.extend(error.exceptions)
        if failed:
            raise ClassValidationError("policy", failed, Policy)
        return replace(policy, defaults=defaults)

    return structure


def _make_converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    converter.register_structure_hook(str, to_text)
    # for StrEnum itself: cattrs goes by the method resolution order, where str comes later
    converter.register_structure_hook(StrEnum, to_choice)
    converter.register_structure_hook(Fraction, to_share)
    converter.register_structure_hook(int, to_bytes)
    converter.register_structure_hook(bool, to_flag)
    converter.register_structure_hook_factory(_is_tuple, _tuple_hook)
    converter.register_structure_hook_func(_is_mapping, _labels)
    for section in (Profile, AnnotationBounds, ImageFamily, Images):
        converter.register_structure_hook(section, _class_hook(section, converter))
    for settings in (NamespaceSettings, Rule):
        converter.register_structure_hook(settings, _settings_hook(settings, converter))
    converter.register_structure_hook(Headroom, _headroom_hook(converter))
    converter.register_structure_hook(Policy, _policy_hook(converter))
    return converter


def _is_mapping(cls: Any) -> bool:
    return get_origin(cls) is Mapping


def _is_tuple(cls: Any) -> bool:
    return get_origin(cls) is tuple


_CONVERTER = _make_converter()

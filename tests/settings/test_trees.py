"""YAML and JSON are read as texts, strictly."""

from __future__ import annotations

import pytest

from recon_exporter.settings.trees import NumberText, Parsed, line_of, parse_json, parse_yaml


@pytest.mark.parametrize("text", ["0.1", "60", "-1", "1e3", ".5", "1_000", ".inf", ".nan", "+2"])
def test_numbers_in_yaml_keep_their_text(text: str) -> None:
    tree = parse_yaml(f"a: {text}").tree

    assert tree == {"a": text}
    assert isinstance(tree, dict)
    assert isinstance(tree["a"], NumberText)


@pytest.mark.parametrize("text", ["yes", "on", "ture", "0x1F", "1:30", "2024-01-01", "'0.1'", "10%"])
def test_other_scalars_in_yaml_are_texts(text: str) -> None:
    tree = parse_yaml(f"a: {text}").tree

    assert tree == {"a": text.strip("'")}
    assert isinstance(tree, dict)
    assert not isinstance(tree["a"], NumberText)


def test_only_true_false_and_null_are_values_of_their_own() -> None:
    assert parse_yaml("[true, FALSE, null, ~, ]").tree == [True, False, None, None]


def test_keys_in_yaml_are_texts() -> None:
    assert parse_yaml("{1: a, true: b, null: c}").tree == {"1": "a", "true": "b", "null": "c"}


def test_merged_keys_are_no_duplicates() -> None:
    parsed = parse_yaml("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}")

    assert parsed == Parsed({"a": {"x": "1", "y": "2"}, "b": {"x": "1", "y": "3"}}, ())


def test_every_key_that_stands_twice_is_told_with_its_line() -> None:
    faults = parse_yaml("a: 1\nb: {c: 1,\n c: 2}\na: 2").faults

    assert sorted((fault.line, fault.path) for fault in faults) == [(3, "c"), (4, "a")]


def test_numbers_in_json_keep_their_text() -> None:
    digits = "0.1000000000000000055511151231257827"

    assert parse_json(f'{{"a": {digits}, "b": 5, "c": "5"}}').tree == {"a": digits, "b": "5", "c": "5"}
    assert parse_json(f"{'9' * 5000}").tree == "9" * 5000


def test_every_key_that_stands_twice_in_json_is_told() -> None:
    faults = parse_json('{"a": {"x": 1, "x": 2}, "b": 1, "b": 2, "b": 3}').faults

    assert sorted(fault.path for fault in faults) == ["b", "x"]


def test_line_is_that_of_the_key_or_of_the_deepest_part_that_is_there() -> None:
    text = "a:\n  b:\n    - 1\n    - c: 2\n"

    assert line_of(text, ("a", "b", 1, "c")) == 4
    assert line_of(text, ("a", "b", 0)) == 3
    assert line_of(text, ("a", "missing")) == 1
    assert line_of(text, ("missing",)) is None
    assert line_of("a: [", ("a",)) is None

"""The real counterparts start, ask for their secrets, and stop."""

from __future__ import annotations

from dataclasses import replace

from real_parts import BUCKET, ObjectStore, Postgres
from signed_requests import s3_request


def test_postgres_answers_whoever_has_the_password(postgres: Postgres) -> None:
    name = postgres.new_database()
    assert postgres.run("SELECT current_database()", database=name) == name


def test_the_object_store_takes_objects_of_whoever_has_the_keys(seaweed: ObjectStore) -> None:
    assert s3_request(seaweed, "PUT", f"/{BUCKET}/x.txt", b"hello") == 200
    assert s3_request(seaweed, "GET", f"/{BUCKET}/x.txt") == 200
    assert s3_request(replace(seaweed, secret="wrong"), "GET", f"/{BUCKET}/x.txt") == 403

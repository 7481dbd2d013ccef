# SPDX-License-Identifier: MIT
"""models.py URL FILE: are the classes of FILE, which wos-apply --schema
sqlalchemy printed, those of this database?  Each has the view's columns, in
their order and of their types, and can be read with all of its relations."""

import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType

import sqlalchemy
from sqlalchemy.orm import Session, class_mapper, configure_mappers

engine = sqlalchemy.create_engine(sys.argv[1])
models = ModuleType("models")
SourceFileLoader("models", sys.argv[2]).exec_module(models)
configure_mappers()
inspector = sqlalchemy.inspect(engine)
views = set(inspector.get_view_names())


def kind(column_type):
    """The type as the database calls it; a view of SQLite has none for times."""
    name = column_type.compile(engine.dialect).replace("BIGINT", "INTEGER")
    return {"JSON": "TEXT"}.get(name, name)


wrong = []
if views != set(models.Base.metadata.tables):
    wrong.append("views: %s" % (views ^ set(models.Base.metadata.tables)))
for name, table in models.Base.metadata.tables.items():
    there = inspector.get_columns(name)
    if [c["name"] for c in there] != [c.name for c in table.columns]:
        wrong.append("%s: other columns" % name)
    for c in there:
        if str(c["type"]) not in ("NULL", "") and \
                kind(c["type"]) != kind(table.columns[c["name"]].type):
            wrong.append("%s.%s: %r" % (name, c["name"], c["type"]))
with Session(engine) as session:
    for mapper in models.Base.registry.mappers:
        for row in session.query(mapper.class_).limit(10):
            for relation in class_mapper(mapper.class_).relationships:
                getattr(row, relation.key)
if wrong:
    sys.exit("\n".join(wrong))
print(len(models.Base.metadata.tables), "views")

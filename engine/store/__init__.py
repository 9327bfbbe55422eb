"""The SQLAlchemy room: tables, unit of work, one file per noun, migrations."""

"""The database: tables, migrations, repositories. The only place that knows SQL."""

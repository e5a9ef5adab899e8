# __zh__ (__en__)

A plugin for Linghang: short notes with an audience, and a memory of finished courses. Change it into what you need.

| File | What it holds |
|---|---|
| `plugin.toml` | the manifest: slug, names, version, the SDK it needs |
| `plugin.py` | what the plugin declares; imports no models |
| `models.py`, `migrations/` | its own tables |
| `domain/` | what it does: reads, reactions to events, search documents, personal data |
| `web/`, `templates/__slug__/` | its pages under `/p/__slug__/` |
| `api.py` | its routes under `/api/v1/p/__slug__/` |
| `admin.py` | its place in the administration |
| `locale/` | English texts; Chinese is the source language |
| `tests/` | the contract kit and its own tests |

```sh
bin/test plugin PATH/OF/THIS/FOLDER        # lint, types, templates, contract kit, own tests
manage.py plugins add PATH/OF/THIS/FOLDER  # take it into an installation, then restart
manage.py plugins enable __slug__
manage.py plugins remove __slug__ --purge  # no row stays behind
```

# linghang-__slug__

__zh__ (__en__), a plugin for Linghang, as a distribution of its own. What lies where: `__slug__/README.md`.

```sh
pip install --no-deps --no-build-isolation .   # into the environment of the portal; works without a network
manage.py plugins add __slug__                 # by its entry point; then restart
manage.py plugins enable __slug__
```

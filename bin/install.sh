# Shared by bin/run and bin/test: finding Python, installing exactly one of requirements/*.txt into .venv.
# Sourced; expects $project and fail(). Sets $python and $venv.

venv=${LINGHANG_VENV:-$project/.venv}

find_python() {
    python=
    for candidate in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then
            python=$(command -v "$candidate")
            return
        fi
    done
    fail "需要 Python 3.11、3.12 或 3.13，没有找到 (Python 3.11 to 3.13 is needed, none was found)" \
        "Debian 12/13, Ubuntu 24.04:  sudo apt-get install python3 python3-venv" \
        "已装在别处时 / if it lies elsewhere:  PYTHON=/path/to/python3.12 bin/run"
}

fingerprint_of() {
    "$python" - "$project/requirements/$1.txt" <<'PYTHON'
import hashlib, sys
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())
PYTHON
}

# install_locked run|test: nothing to do when the stamp says that exactly this lock is installed.
install_locked() {
    wanted="$1 $(fingerprint_of "$1")"
    stamp=$venv/linghang-installed
    if [ -x "$venv/bin/python" ] && grep -qxF "$wanted" "$stamp" 2>/dev/null; then
        return
    fi
    printf '▸ 安装依赖 (installing the locked packages, once; 1-2 min)\n'
    began=$(date +%s)
    uv=$(command -v uv 2>/dev/null || true)
    if [ -n "$uv" ] && ! "$uv" --version >/dev/null 2>&1; then uv=; fi
    make_venv
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    # tantivy only as a wheel: without one pip would look for a Rust compiler and fail in a screenful of its output.
    if [ -n "$uv" ]; then
        "$uv" pip install --quiet --python "$venv/bin/python" --require-hashes --only-binary tantivy \
            -r "requirements/$1.txt" >"$log" 2>&1 || install_failed
    else
        "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off --require-hashes \
            --only-binary tantivy -r "requirements/$1.txt" >"$log" 2>&1 || install_failed
    fi
    rm -f "$log"
    trap - EXIT
    # uv writes no .pyc; without them every process start pays about two seconds.
    "$venv/bin/python" -m compileall -q -j 0 "$venv/lib" portal plugins search media_pipeline manage.py >/dev/null 2>&1 || true
    if [ "$1" = test ]; then # the test lock holds everything of the run lock
        printf '%s\nrun %s\n' "$wanted" "$(fingerprint_of run)" >"$stamp"
    else
        printf '%s\n' "$wanted" >"$stamp"
    fi
    printf '  完成，用时 %s 秒 (done in %s s)\n' "$(($(date +%s) - began))" "$(($(date +%s) - began))"
}

make_venv() {
    if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import sys' >/dev/null 2>&1; then return; fi
    [ -L "$venv" ] && fail ".venv 指向的环境已不存在 (the environment that .venv points to is gone)" "rm '$venv'"
    rm -rf "$venv"
    if [ -n "$uv" ]; then
        "$uv" venv --quiet --python "$python" "$venv" || fail "无法建立 .venv (cannot make .venv)"
        return
    fi
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || {
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        fail "Python 缺少 venv 模块 (this Python lacks the venv module)" \
            "Debian / Ubuntu:  sudo apt-get install python3-venv    (或 / or: python$version-venv)"
    }
    "$python" -m venv "$venv" || fail "无法建立 .venv (cannot make .venv)"
}

install_failed() {
    tail -n 15 "$log" >&2
    case $(cat "$log") in
        *tantivy*)
            fail "没有适合本机的 tantivy 安装包 (no tantivy wheel for this machine: $(uname -s) $(uname -m))" \
                "支持 / supported: Linux (glibc 2.28+) x86_64, aarch64; Python 3.11 - 3.13" ;;
        *"No space left"*)
            fail "磁盘空间不足 (no space left on the disk)" "需要约 1.5 GB / about 1.5 GB are needed in $project" ;;
        *hash*)
            fail "下载的安装包与锁定的校验值不符，没有安装 (a downloaded package does not match its locked hash)" \
                "请检查软件源后重试 / check the package index and try again" ;;
    esac
    fail "依赖安装失败，原因见上 (the installation failed, the reason is above)" \
        "常见原因：无法访问软件源。可设置镜像 / often the package index cannot be reached; a mirror can be set:" \
        "export PIP_INDEX_URL=https://... UV_DEFAULT_INDEX=https://..."
}

#!/usr/bin/env python3
"""Draws doc/screen.svg: what specter-token really prints, on a terminal of 100 columns, in a data folder made for it.

Run after `cargo build --release`. Needs Python alone.
"""

import fcntl
import html
import os
import pty
import re
import shutil
import struct
import subprocess
import tempfile
import termios
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 100
COMMANDS = [
    'specter-token list',
    'specter-token create -d "ci-4711" -l "2 hours" --out token.txt',
    'specter-token verify < token.txt',
    'specter-token revoke ci-4711',
    'specter-token verify < token.txt',
]
# What is in the folder before the picture begins.
BEFORE = [
    'specter-token init -q > password 2> /dev/null',
    'specter-token create -q -d "nightly backup" -l "3 months" > token',
    'specter-token create -q -d "Grafana – dashboards" -l 1y > token',
    'SECRET_KEY=the-key-before-this-one-0123456789 specter-token create -q --new-key -d "old key" -l 1y > token 2>&1',
    'specter-token create -q -d "a quick try" -l 1s > token',
    'sleep 1.1',
]
COLORS = {"31": "#f7768e", "32": "#9ece6a", "33": "#e0af68"}


def run_on_terminal(command, environment, folder):
    """The output of a shell command on a terminal."""
    child, screen = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        os.chdir(folder)
        os.execvpe("sh", ["sh", "-c", command], environment)
    output = b""
    try:
        while chunk := os.read(screen, 4096):
            output += chunk
    except OSError:
        pass  # the terminal is hung up when the command ends
    os.waitpid(child, 0)
    return output.decode().replace("\r", "")


def svg_line(line, row):
    """One line as text, colours as spans."""
    spans, color = [], None
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if code := re.fullmatch(r"\x1b\[([0-9;]*)m", piece):
            color = COLORS.get(code[1])
        elif piece:
            text = html.escape(piece)
            spans.append(f'<tspan fill="{color}">{text}</tspan>' if color else text)
    return f'<text x="16" y="{36 + row * 20}" xml:space="preserve">{"".join(spans)}</text>'


def wrapped(line):
    """The line as the terminal breaks it; colours take no room."""
    pieces, width = [""], 0
    for part in re.findall(r"\x1b\[[0-9;]*m|.", line):
        if not part.startswith("\x1b"):
            if width == COLUMNS:
                pieces.append("")
                width = 0
            width += 1
        pieces[-1] += part
    return pieces


def main():
    folder = tempfile.mkdtemp()
    environment = {
        "PATH": f"{ROOT}/target/release:{os.environ['PATH']}",
        "SPECTER_DATA_FOLDER": f"{folder}/specter",
        "TERM": "xterm",
        "LANG": "C.UTF-8",
    }
    try:
        for command in BEFORE:
            subprocess.run(["sh", "-c", command], check=True, cwd=folder, env=environment)
        lines = []
        for command in COMMANDS:
            lines.append(f"\x1b[32m$\x1b[0m {command}")
            lines += run_on_terminal(command, environment, folder).rstrip("\n").split("\n") + [""]
    finally:
        shutil.rmtree(folder)
    shown = [piece for line in lines[:-1] for piece in wrapped(line.replace(folder, "/srv"))]
    text = "\n".join(svg_line(line, row) for row, line in enumerate(shown))
    width, height = 16 * 2 + round(COLUMNS * 8.43), 36 + len(shown) * 20
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<rect width="100%" height="100%" rx="8" fill="#1a1b26"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="#c0caf5">
{text}
</g>
</svg>
"""
    (ROOT / "doc/screen.svg").write_text(svg)


main()

"""Texts of a bundle: what starts the application on a laptop without a network, and what is to be read first."""

from __future__ import annotations

UNIX = """\
#!/bin/sh
# Installs World of Mouth beside this file, without a network, and opens it. The second start takes seconds.
cd "$(dirname "$0")" || exit 1
python=
for each in python{python} python3 python; do
    if command -v "$each" >/dev/null && "$each" -c 'import sys; sys.exit(sys.version_info[:2] != ({version}))' 2>/dev/null; then
        python=$each
        break
    fi
done
if [ -z "$python" ]; then
    echo "Python {python} is needed and was not found: see README.txt / Il faut Python {python} : voir README.txt" >&2
    exit 1
fi
if [ ! -e .venv/installed ]; then
    echo "Installing, two minutes ... / Installation, deux minutes ..."
    rm -rf .venv
    "$python" -m venv .venv || {{ echo "On Debian and Ubuntu: apt install python{python}-venv" >&2; exit 1; }}
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-index --find-links wheels "{project}=={release}" || exit 1
    touch .venv/installed
fi
WORLD_OF_MOUTH_CACHE=$PWD/cache NUMBA_CACHE_DIR=$PWD/cache/kernels
export WORLD_OF_MOUTH_CACHE NUMBA_CACHE_DIR
if [ ! -e .venv/prepared ]; then
    .venv/bin/world-of-mouth doctor --prepare && touch .venv/prepared
fi
exec .venv/bin/world-of-mouth app "$@"
"""

WINDOWS = """\
@echo off
rem Installs World of Mouth beside this file, without a network, and opens it. The second start takes seconds.
cd /d "%~dp0"
if exist .venv\\installed goto prepare
set PYTHON=py -{python}
%PYTHON% -c "import sys" >nul 2>nul && goto install
set PYTHON=python
%PYTHON% -c "import sys; sys.exit(sys.version_info[:2] != ({version}))" >nul 2>nul && goto install
echo Python {python} is needed and was not found: see README.txt / Il faut Python {python} : voir README.txt
goto failed
:install
echo Installing, two minutes ... / Installation, deux minutes ...
if exist .venv rmdir /s /q .venv
%PYTHON% -m venv .venv || goto failed
set PIP=.venv\\Scripts\\python -m pip --disable-pip-version-check
%PIP% install --quiet --no-index --find-links wheels "{project}=={release}" || goto failed
type nul > .venv\\installed
:prepare
set WORLD_OF_MOUTH_CACHE=%CD%\\cache
set NUMBA_CACHE_DIR=%CD%\\cache\\kernels
if exist .venv\\prepared goto open
.venv\\Scripts\\world-of-mouth doctor --prepare && type nul > .venv\\prepared
:open
.venv\\Scripts\\world-of-mouth app %*
exit /b %errorlevel%
:failed
pause
exit /b 1
"""

README = """\
WORLD OF MOUTH {release}, for a laptop without a network ({system}, Python {python})

1. Copy this whole folder to the laptop's disk (not: run it from the stick). Its path should hold no accents.
2. The laptop needs Python {python}, nothing else. If it lacks it: python.org, before you leave the network.
   On Debian and Ubuntu also the package python{python}-venv.
3. Start it:  Linux  ./start.sh     macOS  double-click start.command     Windows  double-click start.bat
   (macOS asks once: right click, Open.) The first start installs and prepares, three to five minutes, and says
   "ready, works offline"; later ones take seconds. The page opens in the browser by itself, at http://127.0.0.1:8765
4. Do the first start at home, with the network switched off. Then put the laptop on the projector and look.
5. To end it: Ctrl-C, or close its window. To remove it: delete the folder.

In French:            ./start.sh --lang fr      start.bat --lang fr
Participants' phones: ./start.sh --host 0.0.0.0 (opens the application to everybody in the network; no passwords)
Something is amiss:   .venv/bin/world-of-mouth doctor --prepare says what

------------------------------------------------------------------------------------------------------------------

WORLD OF MOUTH {release}, pour un ordinateur portable sans réseau ({system}, Python {python})

1. Copiez tout ce dossier sur le disque du portable (sans le lancer depuis la clé). Son chemin ne doit pas contenir
   d'accents.
2. Le portable a besoin de Python {python}, et de rien d'autre. S'il manque : python.org, avant de quitter le réseau.
   Sous Debian et Ubuntu, aussi le paquet python{python}-venv.
3. Lancez-le :  Linux  ./start.sh     macOS  double-clic sur start.command     Windows  double-clic sur start.bat
   (macOS demande une fois : clic droit, Ouvrir.) Le premier lancement installe et prépare, trois à cinq minutes, et
   affiche « ready, works offline » (prêt, fonctionne hors ligne) ; les suivants prennent quelques secondes. La page
   s'ouvre d'elle-même dans le navigateur, à l'adresse http://127.0.0.1:8765
4. Faites le premier lancement chez vous, réseau coupé. Puis branchez le projecteur et regardez.
5. Pour l'arrêter : Ctrl-C, ou fermez sa fenêtre. Pour l'enlever : supprimez le dossier.

En français :                  ./start.sh --lang fr      start.bat --lang fr
Téléphones des participants :  ./start.sh --host 0.0.0.0 (ouvre l'application à tous ceux du réseau, sans mot de passe)
Si quelque chose cloche :      .venv/bin/world-of-mouth doctor --prepare dit quoi
"""

FILES = {"start.sh": UNIX, "start.command": UNIX, "start.bat": WINDOWS, "README.txt": README}
"""By name; those that start are made executable."""

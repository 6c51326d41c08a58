@echo off
chcp 65001 >nul
cd /d "%~dp0"
title 法治政府建设看板

set "PY=python"
where py >nul 2>nul && set "PY=py -3"
%PY% -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul || (
  echo 没有找到 Python 3.11 或更新的版本。请先安装 Python，安装时勾选 Add python.exe to PATH。
  pause
  exit /b 1
)

if not exist .venv\Scripts\python.exe (
  echo 正在准备运行环境……
  %PY% -m venv .venv || (
    echo 运行环境创建失败，原因见上。
    pause
    exit /b 1
  )
)

rem The copy of the list says what is installed: nothing is fetched again before it changes.
fc /b requirements.txt .venv\installed.txt >nul 2>nul || (
  echo 正在安装所需组件，首次需要几分钟……
  .venv\Scripts\python.exe -m pip install --disable-pip-version-check -r requirements.txt || (
    echo 安装失败，原因见上。请检查网络后再次双击本文件。
    pause
    exit /b 1
  )
  copy /y requirements.txt .venv\installed.txt >nul
)

echo 启动中。关闭本窗口即停止看板。
.venv\Scripts\python.exe server.py --open
if errorlevel 1 pause

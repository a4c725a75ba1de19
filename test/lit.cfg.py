# Configuration of NPIR's regression tests for lit.
import os

import lit.formats
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "NPIR"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Docs", "Inputs", "embedding", "unittests", "python", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.npir_obj_root, "test")
config.environment["NPIR_SRC"] = config.npir_src_root
config.substitutions.append(("%npir_src", config.npir_src_root))
config.substitutions.append(("%npir_obj", config.npir_obj_root))
# A Python that has numpy: the project's own environment where there is one.
venv = os.path.join(config.npir_obj_root, "venv", "bin", "python")
python = venv if os.path.exists(venv) else "/usr/bin/python3"
config.substitutions.append(("%python", python))
plugin = os.path.join(config.npir_lib_dir, "NPIRPlugin.so")
config.substitutions.append(("%npir_plugin", f"--load-dialect-plugin={plugin} --load-pass-plugin={plugin}"))
config.substitutions.append(("%npir_lib", config.npir_lib_dir))
config.environment["PYTHONPATH"] = os.path.join(config.npir_obj_root, "python")

llvm_config.with_system_environment(["HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS"])
llvm_config.use_default_substitutions()
llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.with_environment("PATH", config.npir_tools_dir, append_path=True)
tools = ["npir-config", "npir-lsp-server", "npir-opt", "npir-run", "npir-stats", "npir-translate", "npx-run"]
llvm_config.add_tool_substitutions(
    [ToolSubst(tool, unresolved="break") for tool in tools] + ["mlir-opt", "split-file"],
    [config.npir_tools_dir, config.llvm_tools_dir])

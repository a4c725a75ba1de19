# Part of FindXNNPACK and of the installed package: defines NPIR::XNNPACK over the libraries in one folder. In NPIR's
# namespace, for it is a build of its own (tools/scripts/setup_xnnpack.sh) and may stand beside a project's own XNNPACK.

# npir_import_xnnpack(FOLDER)
function(npir_import_xnnpack folder)
  if(TARGET NPIR::XNNPACK)
    return()
  endif()
  find_package(Threads REQUIRED)
  foreach(name pthreadpool cpuinfo)
    add_library(NPIR::${name} SHARED IMPORTED GLOBAL)
    set_target_properties(NPIR::${name} PROPERTIES IMPORTED_LOCATION "${folder}/lib${name}.so")
  endforeach()
  add_library(NPIR::microkernels STATIC IMPORTED GLOBAL)
  set_target_properties(NPIR::microkernels PROPERTIES IMPORTED_LOCATION "${folder}/libmicrokernels-prod.a")
  add_library(NPIR::XNNPACK STATIC IMPORTED GLOBAL)
  set_target_properties(NPIR::XNNPACK PROPERTIES IMPORTED_LOCATION "${folder}/libXNNPACK.a")
  target_link_libraries(NPIR::XNNPACK INTERFACE NPIR::microkernels NPIR::pthreadpool NPIR::cpuinfo Threads::Threads m)
endfunction()

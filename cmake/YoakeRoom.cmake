# One library a room. Sources are listed by hand; what a room may use is its LINK list and nothing else.
#
#   yoake_room(datasets SOURCES coco.cc ... LINK yoake_core PRIVATE pugixml)
#
# LINK is PUBLIC (headers expose it), PRIVATE stays inside the room's .cc files. PRECOMPILE names large headers of
# other projects that the room's sources read (LibTorch's cost a unit three times what is its own); a room without
# takes core's, a test core_test's.
#
# Presets but dev compile the sources of a room six at a time (CMAKE_UNITY_BUILD), which halves the time
# of a build from scratch. So what stands in the unnamed namespaces of a room has different names; where two
# files mean the same, it belongs into a header. The preset dev compiles each file alone and precompiles nothing,
# so that no source forgets an include: take it for work on a few files.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Programs and the module for pictures lie in one folder, in the build and when installed, and find each other there.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_BUILD_RPATH $ORIGIN)
set(CMAKE_INSTALL_RPATH $ORIGIN)

# Torch units take up to 1.5 GB each to compile: never run more of them than memory carries.
cmake_host_system_information(RESULT yoake_memory_mb QUERY TOTAL_PHYSICAL_MEMORY)
math(EXPR yoake_torch_jobs "${yoake_memory_mb} / 1800")
if(yoake_torch_jobs LESS 1)
  set(yoake_torch_jobs 1)
endif()
set_property(GLOBAL APPEND PROPERTY JOB_POOLS torch=${yoake_torch_jobs})

if(YOAKE_SANITIZE)
  add_compile_options(-fsanitize=${YOAKE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${YOAKE_SANITIZE})
endif()

if(YOAKE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

function(yoake_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 sees these inside std::string where there is nothing (GCC bugs 105651 and 105562).
    target_compile_options(${target} PRIVATE -Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds
                           -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  if(CMAKE_UNITY_BUILD)  # Here a unit's own file is what it includes.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage -Wno-shadow)
  endif()
  if(YOAKE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# Precompiles the headers named, or takes those of the target `other`.
function(yoake_precompile target other)
  if(ARGN)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${other})
  endif()
endfunction()

function(yoake_room room)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE;PRECOMPILE" ${ARGN})
  add_library(yoake_${room} STATIC ${ARG_SOURCES})
  yoake_precompile(yoake_${room} yoake_core ${ARG_PRECOMPILE})
  target_include_directories(yoake_${room} PUBLIC ${PROJECT_SOURCE_DIR})
  # No fused multiply-add: metrics are compared bit by bit with a reference that has none.
  target_compile_options(yoake_${room} PRIVATE -ffp-contract=off)
  target_link_libraries(yoake_${room} PUBLIC ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
  yoake_warnings(yoake_${room})
endfunction()

# yoake_test(metrics SOURCES coco_eval_test.cc ... LINK yoake_metrics [LABELS slow] [POSTGRESQL]): one test
# binary a room, compiled with little optimisation: what it checks is the rooms' code. With POSTGRESQL the tests
# that have "postgresql" in their name find a server started for them.
function(yoake_test room)
  cmake_parse_arguments(ARG "POSTGRESQL" "" "SOURCES;LINK;LABELS;PRECOMPILE" ${ARGN})
  add_executable(${room}_test ${ARG_SOURCES})
  yoake_precompile(${room}_test core_test ${ARG_PRECOMPILE})
  target_compile_options(${room}_test PRIVATE $<$<CONFIG:Release>:-O1>)
  target_link_libraries(${room}_test PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${room}_test PRIVATE YOAKE_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                             YOAKE_BINARY_DIR="${PROJECT_BINARY_DIR}")
  yoake_warnings(${room}_test)
  include(GoogleTest)
  set(options TEST_PREFIX "${room}." DISCOVERY_TIMEOUT 60)
  set(properties TIMEOUT 600 LABELS "${room};${ARG_LABELS}")
  if(NOT ARG_POSTGRESQL)
    gtest_discover_tests(${room}_test ${options} PROPERTIES ${properties})
    return()
  endif()
  gtest_discover_tests(${room}_test ${options} TEST_FILTER "-*postgresql*" PROPERTIES ${properties})
  gtest_discover_tests(${room}_test ${options} TEST_FILTER "*postgresql*" TEST_LIST ${room}_postgresql
                       PROPERTIES ${properties} FIXTURES_REQUIRED postgresql)
endfunction()

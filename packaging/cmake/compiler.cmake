# Warnings live on one target, which every target of ours links.
add_library(loom_warnings INTERFACE)
target_compile_options(loom_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
# a*b+c must round twice, as PyTorch's scalar code does, also where the machine has fused instructions.
target_compile_options(loom_warnings INTERFACE -ffp-contract=off)

set(TORCHLOOM_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread")
if(TORCHLOOM_SANITIZE)
    add_compile_options(-fsanitize=${TORCHLOOM_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${TORCHLOOM_SANITIZE})
endif()

# ccache survives precompiled headers and clones in other folders only with these settings.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options(-fpch-preprocess)
    endif()
endif()

find_program(LLD_PROGRAM ld.lld)
if(LLD_PROGRAM)
    add_link_options(-fuse-ld=lld)
endif()

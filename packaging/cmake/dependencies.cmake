# Every library the project uses. LibTorch may be Debian's or a download (CMAKE_PREFIX_PATH); CUDA comes
# with it where it was built so and is never asked for here.
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(LibArchive REQUIRED)
find_package(CURL REQUIRED)
find_package(JPEG REQUIRED)
find_package(TIFF REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(WEBP REQUIRED libwebp libwebpdemux)
pkg_check_modules(OPENJPEG REQUIRED libopenjp2)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenCV REQUIRED COMPONENTS core imgproc imgcodecs)
find_package(Torch REQUIRED)

# find_package(Torch) writes its flags into CMAKE_CXX_FLAGS in some versions; a target is cleaner.
add_library(loom_torch INTERFACE)
# gomp: how many threads LibTorch takes is set with it for a single call.
target_link_libraries(loom_torch INTERFACE ${TORCH_LIBRARIES} gomp)
target_include_directories(loom_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})

if(TORCHLOOM_GUI OR TORCHLOOM_TESTS)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets Svg Test)
endif()
if(TORCHLOOM_GUI)
    find_package(QCustomPlotQt6 REQUIRED)
endif()
message(STATUS "LibTorch ${Torch_VERSION}, OpenCV ${OpenCV_VERSION}, Qt ${Qt6_VERSION}")

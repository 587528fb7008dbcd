# Sourced by run.sh and test.sh, in the root of the sources: what must hold before a program starts.

# Threads that wait must sleep: spinning ones make a step several times slower beside a busy window.
export OMP_WAIT_POLICY=passive

# OpenBLAS in the build that shares OpenMP's threads. Where several BLAS are installed, Debian's
# alternatives may prefer one that is slower or takes all cores whatever it is told.
for folder in /usr/lib/*/openblas-openmp; do
    [ -e "$folder/libblas.so.3" ] || continue
    export LD_LIBRARY_PATH="$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    break
done

# A source file that uses LibTorch takes up to 1.5 GB to compile.
build_jobs() {
    memory=$(awk '/^MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo)
    cores=$(nproc)
    [ "$memory" -ge 1 ] || memory=1
    [ "$memory" -le "$cores" ] && echo "$memory" || echo "$cores"
}

# configure: cmake's first half, when there is none yet or packages have changed since: CMake remembers what it
# found, and what it did not find.
configure() {
    configured=build/release/configured
    if [ ! -e build/release/build.ninja ] || [ ! -e $configured ] || [ /var/lib/dpkg/status -nt $configured ]; then
        cmake --preset release
        touch $configured
    fi
}

# build [TARGET...]: brings build/release up to date.
build() {
    configure
    cmake --build --preset release --parallel "$(build_jobs)" ${1:+--target "$@"}
}

#include "app/process_setup.h"

#include <unistd.h>

#include <cstdlib>

#include "core/base/memory.h"

namespace loom {

void prepareProcess(char** argv) {
    if (!std::getenv("OMP_WAIT_POLICY")) {
        setenv("OMP_WAIT_POLICY", "passive", 1);
        execv("/proc/self/exe", argv);
        // No /proc: training is slower beside a busy window, but right.
    }
    keepFreedMemory();
}

}  // namespace loom

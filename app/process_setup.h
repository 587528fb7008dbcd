#pragma once

namespace loom {

/// Brings the process into the state training needs and that cannot be reached later: OpenMP's
/// threads must sleep, not spin, while they wait (spinning makes a step 3-4 times slower when the
/// window is busy), and libgomp reads OMP_WAIT_POLICY before main. Starts the program again with it
/// set, once. And freed memory is kept for the next step (core/base/memory.h).
void prepareProcess(char** argv);

}  // namespace loom

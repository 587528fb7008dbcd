#pragma once

namespace loom {

/// Tells the C library to keep the pages of freed memory for the next allocation instead of handing
/// them back to the system. A training step allocates and frees the same large tensors again and
/// again; handed back each time, every page costs a fault and is zeroed at its next use, which took
/// a third of the training time. Call it first in main, before there are threads.
/// Source: mallopt(3), glibc; elsewhere it does nothing.
void keepFreedMemory();

/// Hands the kept pages back to the system: when a run has ended, another program may need them.
/// Takes some milliseconds; any thread.
void giveBackFreedMemory();

}  // namespace loom

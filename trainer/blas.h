#pragma once

#include <string>

namespace yoake::trainer {

// Call first in main(), before anything touches BLAS. OpenBLAS picks its kernels when it is loaded and knows
// no CPU younger than itself; when a better core name fits this CPU (SkylakeX for AVX-512, Haswell for AVX2)
// and OPENBLAS_CORETYPE is not set, sets it and executes the program again, once. Returns in every other
// case. Also tells malloc to keep freed activations instead of handing them back to the system after every
// step.
void PrepareProcess(int argc, char** argv);

// Threads of LibTorch and of OpenBLAS, both `threads`.
void SetThreads(int threads);

// OpenBLAS tries forever when there is no memory for one of its buffers. Where this process has a limit of
// its own, makes it take all that `threads` threads may need now; false when they do not fit.
bool ReserveBlasBuffers(int threads);

// For doctor: library, core, threads, e.g. "OpenBLAS 0.3.21, SkylakeX kernels, 1 thread".
std::string BlasDescription();

}  // namespace yoake::trainer

#pragma once

// SOCI without its Boost parts, which only matter to those who bind boost:: types: Debian's package switches
// them on without bringing Boost's headers. Include this instead of <soci/soci.h>.
#include <soci/soci-config.h>
#undef SOCI_HAVE_BOOST
#undef SOCI_HAVE_BOOST_DATE_TIME
#include <soci/soci.h>

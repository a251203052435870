"""Other tools and forms written by hand, each computing the Ningxia table of 2013: what is measured against."""

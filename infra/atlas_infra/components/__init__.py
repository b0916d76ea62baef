"""One component a service, and the network between them."""

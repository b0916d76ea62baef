"""What Atlas's Pulumi program is made of: settings in, services on a Docker engine, outputs out."""

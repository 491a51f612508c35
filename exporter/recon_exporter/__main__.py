"""`python -m recon_exporter` is the command `recon-exporter`."""

from recon_exporter.cli import main

if __name__ == "__main__":
    main()

"""A simulated fleet with scripted incidents, reconciled and watched by the real programs."""

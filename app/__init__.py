"""The web application: pages over the public interface of `copilot`, and nothing else."""

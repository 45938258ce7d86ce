"""The lab: everything that is given. Data, models, training, figures and the command line."""

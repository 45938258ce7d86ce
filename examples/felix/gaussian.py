import tensorflow_probability as tfp

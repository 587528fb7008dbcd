"""Optimizers and their arguments that PyTorch 2 has, for a Python whose torch lacks them: put into torch.optim
where they are missing, by their documented formulas. Nothing happens where they are there."""
import inspect

import torch


def lacks(cls, argument):
    return argument not in inspect.signature(cls.__init__).parameters


def with_arguments(cls):
    """`cls` with `decoupled_weight_decay` and `maximize`."""

    class Newer(cls):
        def __init__(self, params, *args, decoupled_weight_decay=False, maximize=False, **kwargs):
            super().__init__(params, *args, **kwargs)
            self.decoupled, self.climbs = decoupled_weight_decay, maximize

        @torch.no_grad()
        def step(self, closure=None):
            with torch.enable_grad():
                loss = closure() if closure else None
            decays = [group["weight_decay"] for group in self.param_groups]
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    if self.climbs:
                        p.grad = -p.grad
                    if self.decoupled and group["weight_decay"] != 0:
                        p.mul_(1 - group["lr"] * group["weight_decay"])
                if self.decoupled:
                    group["weight_decay"] = 0
            super().step()
            for group, decay in zip(self.param_groups, decays):
                group["weight_decay"] = decay
            return loss

    return Newer


class Adafactor(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-2, beta2_decay=-0.8, eps=(None, 1e-3), d=1.0, weight_decay=0.0, maximize=False):
        super().__init__(params, dict(lr=lr, beta2_decay=beta2_decay, eps=eps, d=d, weight_decay=weight_decay, maximize=maximize))

    @torch.no_grad()
    def step(self, closure=None):
        with torch.enable_grad():
            loss = closure() if closure else None
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self.move(p, -p.grad if group["maximize"] else p.grad, self.state[p], group)
        return loss

    def move(self, p, g, state, group):
        norm = torch.linalg.vector_norm
        eps1, eps2 = group["eps"]
        if eps1 is None:
            eps1 = torch.finfo(p.dtype).eps
        state["step"] = t = state.get("step", 0.0) + 1
        beta = t ** group["beta2_decay"]
        alpha = max(eps2, norm(p, 2.0).item() / p.numel() ** 0.5) * min(group["lr"], 1 / t**0.5)
        if group["weight_decay"] != 0:
            p.mul_(1 - group["lr"] * group["weight_decay"])
        if g.dim() > 1:
            rows = norm(g, 2, -1, True).square_().div_(g.size(-1))
            columns = norm(g, 2, -2, True).square_().div_(g.size(-2))
            state.setdefault("row_var", torch.zeros_like(rows)).lerp_(rows, beta)
            state.setdefault("col_var", torch.zeros_like(columns)).lerp_(columns, beta)
            estimate = state["row_var"] @ state["col_var"]
            estimate.div_(state["row_var"].mean(-2, True).clamp_(min=eps1))
        else:
            estimate = state.setdefault("variance", torch.zeros_like(g)).lerp_(g * g, beta).clone()
        update = estimate.clamp_(min=eps1 * eps1).rsqrt_().mul_(g)
        p.add_(update, alpha=-alpha / max(1.0, norm(update, 2.0).item() / (update.numel() ** 0.5 * group["d"])))


if not hasattr(torch.optim, "Adafactor"):
    torch.optim.Adafactor = Adafactor
for name in ("NAdam", "RAdam"):
    if lacks(getattr(torch.optim, name), "maximize"):
        setattr(torch.optim, name, with_arguments(getattr(torch.optim, name)))
